#pragma once

#include <cstdint>
#include <string_view>

#include "metlog/host_logger.h"

namespace metlog {

/// Recognizes records that metlog itself wrote to a host's logger. If a client is hooked to a
/// library that it also writes to, each message would come back and circulate without end.
///
/// A library that calls its sinks at once returns the record on the thread that is still inside
/// its logger. A library with a queue returns it later, on any thread: it is then recognized by
/// level and text among the newest kRemembered records that have not come back yet.
class HostEcho {
 public:
  static constexpr std::size_t kRemembered = 1024;

  /// Marks the calling thread as inside a host's logger while it lives. `comes_later` is
  /// HostLogger::logs_later.
  class Scope {
   public:
    Scope(HostLevel level, std::string_view text, bool comes_later);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    const bool was_inside_;
  };

  /// True when a hooked record came from metlog; counts these. Any thread.
  static bool is_echo(HostLevel level, std::string_view text);
  /// Number of echoes found in this process.
  static std::uint64_t count();
};

}  // namespace metlog
