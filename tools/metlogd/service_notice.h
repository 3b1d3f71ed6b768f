#pragma once

#include <chrono>
#include <string>

#include "tools/router/router_ledger.h"

namespace metlog {

/// Tells a service manager how metlogd is: the protocol of sd_notify(3), datagrams to the socket
/// that NOTIFY_SOCKET names, and its watchdog by WATCHDOG_USEC. Without the former it does nothing.
/// It waits for a busy manager for a second at most. Used by one thread.
class ServiceNotice {
 public:
  using Clock = std::chrono::steady_clock;

  /// Reads the environment.
  ServiceNotice();

  void say_ready() const { send("READY=1"); }
  void say_reloading() const { send("RELOADING=1"); }
  void say_stopping() const { send("STOPPING=1"); }
  /// True when tick() has something to say, for which the ledger must be made.
  [[nodiscard]] bool is_due(Clock::time_point now) const { return is_wanted() && now >= next_; }
  /// Says that metlogd is alive, twice in the manager's limit, and what it has done.
  void tick(Clock::time_point now, const RouterLedger& ledger);

 private:
  [[nodiscard]] bool is_wanted() const { return !address_.empty(); }
  void send(const std::string& text) const;

  std::string address_;  // a path, or @NAME of the abstract namespace; empty for none
  std::chrono::microseconds interval_;
  bool is_watched_ = false;
  Clock::time_point next_;
};

}  // namespace metlog
