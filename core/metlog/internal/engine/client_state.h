#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "metlog/engine.h"
#include "metlog/internal/filter/call_mask.h"
#include "metlog/internal/provider/method_table.h"
#include "metlog/internal/python/builtin_methods.h"
#include "metlog/internal/site/name_switches.h"
#include "metlog/options.h"
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

/// What a client holds behind its gate. Calls read nothing here but `timers`.
struct ClientState {
  ClientState(Engine* made_by, const ClientOptions& chosen);

  /// Lets the calls see the options as they are; `gate` is the client's. Under the mutex.
  void apply_to(ClientGate& gate);
  /// The same after set_min_severity() alone.
  void apply_severity_to(ClientGate& gate) const;

  Engine* const engine;
  /// The disabled ones; shared with those who watch the call sites.
  const std::shared_ptr<NameSwitches> timers = std::make_shared<NameSwitches>();

  /// Takes the options; apply_to() lets the calls see them.
  void take(const ClientOptions& chosen);

  /// How long a close takes at most, by the options of this moment. Any thread.
  [[nodiscard]] std::chrono::nanoseconds close_limit();

  /// Lets go of the filters, the formatter and what was captured, once closed. Any thread.
  void drop_user_callbacks();

  std::mutex mutex;  // of whoever configures, opens or closes; guards what follows
  ClientOptions options;
  std::atomic<bool> is_open{true};  // stored under the mutex, read by any thread
  Receipt receipt;                  // once closed
  Ledger ledger;                    // once closed, and never changed then
  ClientExtras extras;

 private:
  [[nodiscard]] std::uint32_t blocked() const;

  std::shared_ptr<const CallMask> mask_;  // of options.filters
  std::uint32_t named_ = 0;               // what the gate blocks for names switched off
};

/// Null for a client that was moved from.
inline ClientState* state_of(const Client& client) { return client.state_; }

}  // namespace metlog
