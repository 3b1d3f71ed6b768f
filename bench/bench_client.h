#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "bench/pin_thread.h"
#include "metlog/engine.h"
#include "metlog/metlog.h"

namespace metlog {

/// Opens by `open` a client whose engine threads run on FLUSHER_CPU, and leaves the caller on
/// PRODUCER_CPU: set both or none. The flusher is made by the first client of a program.
template <class Open>
Client open_pinned(Open open) {
  pin_thread("FLUSHER_CPU");  // what open() starts inherits it
  Client client = open();
  pin_thread("PRODUCER_CPU");
  return client;
}

/// A client whose messages are encoded and thrown away.
inline Client open_null_client(const ClientOptions& options) {
  return open_pinned([&] { return open_or_exit("null:", options); });
}

}  // namespace metlog
