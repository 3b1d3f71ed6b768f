#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "bench/pin_thread.h"
#include "metlog/engine.h"
#include "metlog/metlog.h"

namespace metlog {

/// Opens a client with `open` while pinned to FLUSHER_CPU, so that the engine's threads run there,
/// then pins the caller to PRODUCER_CPU: set both or none. The first client of a program starts the
/// flusher.
template <class Open>
Client open_pinned(Open open) {
  pin_thread("FLUSHER_CPU");  // what open() starts inherits it
  Client client = open();
  pin_thread("PRODUCER_CPU");
  return client;
}

/// Opens a client whose messages are encoded and discarded.
inline Client open_null_client(const ClientOptions& options) {
  return open_pinned([&] { return open_or_exit("null:", options); });
}

}  // namespace metlog
