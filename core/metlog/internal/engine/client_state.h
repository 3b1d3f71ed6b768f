#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "metlog/engine.h"
#include "metlog/internal/base/reentrant_mutex.h"
#include "metlog/internal/engine/client_outputs.h"
#include "metlog/internal/provider/method_table.h"
#include "metlog/internal/python/builtin_methods.h"
#include "metlog/internal/site/name_switches.h"
#include "metlog/options.h"
#include "metlog/providers.h"

namespace metlog {

/// The payload of the error that a process has too many open clients; other errors have its code.
inline constexpr const char* kNoFreeSlot = "metlog.no_free_slot";
/// Returns that error.
absl::Status no_free_slot();

/// The parts of a client's state that configurations and methods use: methods that the program
/// added, and the configuration that it was given.
struct ClientExtras {
  MethodTable methods{is_clients_own};
  /// False while the destination is the placeholder that refuses every message.
  std::atomic<bool> is_active{true};

  /// Stores what is_active() and debug_capture() say of a new destination.
  void note_destination(bool active, std::shared_ptr<DebugCapture> kept) {
    // relaxed: a switch; the mutex below publishes the rest
    is_active.store(active, std::memory_order_relaxed);
    const std::lock_guard lock(mutex);
    capture = std::move(kept);
  }

  ReentrantMutex configuring;  // held while a configuration is applied

  ReentrantMutex mutex;                   // guards what follows
  ValueMap configuration;                 // prefixes nested; empty for a client without one
  std::shared_ptr<DebugCapture> capture;  // null unless the sender is a DebugCaptureSender
};

/// A client's state, apart from its gate. Calls read only `timers` of it.
struct ClientState {
  ClientState(Engine* made_by, const ClientOptions& chosen,
              std::unique_ptr<ClientOutputs> destinations);

  Engine* const engine;
  const std::unique_ptr<ClientOutputs> outputs;
  /// The disabled timers; shared with the switches of the call sites.
  const std::shared_ptr<NameSwitches> timers = std::make_shared<NameSwitches>();

  /// Publishes the options to the calls; `gate` is the client's. Under the mutex.
  void apply_to(ClientGate& gate);
  /// Does it for a client that is being opened; without the mutex, as the next one.
  void begin(ClientGate& gate);
  /// Stores and publishes the options of an open client that has other destinations now.
  void replace_options(const ClientOptions& chosen, ClientOutputs::Outputs destinations,
                       ClientGate& gate);
  /// Switches a timer's name and publishes that.
  void switch_timer(ClientGate& gate, std::string_view name, bool is_off);
  /// Stores the level that Levels has found for the client; the second one publishes it, too. Lock
  /// the mutex themselves.
  void set_level(Severity level);
  void set_level(Severity level, ClientGate& gate);

  /// Returns how long closing may take. Any thread; does not lock.
  [[nodiscard]] std::chrono::nanoseconds close_limit() const {
    return std::chrono::nanoseconds(
        close_limit_ns_.load(std::memory_order_relaxed));  // relaxed: a number
  }

  /// Around a fork, by the thread that forks: what the mutexes guard is consistent in the child.
  void lock_for_fork();
  void unlock_after_fork();
  /// In a forked child, before its first call: a thread that was changing the client does not exist
  /// here, and what it held is free again.
  void forget_changes();

  /// Destroys the filters, the formatter and what was captured, once closed. Any thread.
  void drop_user_callbacks();

  /// Held while the client is reconfigured or closed, which runs code of the program and waits for
  /// other threads: locked with a deadline only.
  ReentrantMutex lifecycle;
  /// Guards what follows. Never held while waiting for another thread: a filter may ask for it.
  ReentrantMutex mutex;
  ClientOptions options;
  std::atomic<bool> is_open{true};  // stored under both, read by any thread
  bool is_closing = false;          // the gate is closed and stays so
  /// Stored by a close() that another thread's reconfigure() did not let in until its deadline:
  /// that one then closes the client. Exchanged by both, after the one has failed to lock
  /// `lifecycle` and after the other has unlocked it.
  std::atomic<bool> close_wanted{false};
  Receipt receipt;  // once closed
  ClientExtras extras;

 private:
  void take(const ClientOptions& chosen);
  [[nodiscard]] std::uint32_t blocked() const;
  void apply_severity_to(ClientGate& gate) const;

  std::atomic<std::int64_t> close_limit_ns_{0};
  Severity level_ = Severity::kDebug;  // the least severe that is emitted
  std::uint32_t named_ = 0;            // what the gate blocks for disabled names
};

/// Returns a client's state; null when it was moved from.
inline ClientState* state_of(const Client& client) { return client.state_; }

}  // namespace metlog
