#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "metlog/internal/provider/method_table.h"
#include "metlog/internal/python/builtin_methods.h"
#include "metlog/providers.h"

namespace metlog {

/// What a client has beside its options and its destination: names of the user's own, and what it
/// was configured with.
struct ClientExtras {
  MethodTable methods{is_clients_own};
  /// False while the destination is the placeholder that refuses everything.
  std::atomic<bool> is_active{true};

  /// What the calls and debug_capture() see of a new destination.
  void note_destination(bool active, std::shared_ptr<DebugCapture> kept) {
    is_active = active;
    const std::lock_guard lock(mutex);
    capture = std::move(kept);
  }

  std::mutex configuring;  // held while a configuration is applied

  std::mutex mutex;                       // guards what follows
  std::string configuration;              // JSON; empty for a client that was not made of one
  std::shared_ptr<DebugCapture> capture;  // null but where messages are kept to be looked at
};

}  // namespace metlog
