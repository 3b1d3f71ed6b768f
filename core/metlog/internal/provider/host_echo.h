#pragma once

#include <cstdint>
#include <string_view>

#include "metlog/host_logger.h"

namespace metlog {

/// Tells what metlog itself gave to a host's logger from what the host logs. Where a client is
/// hooked to a library that it also writes to, each message would come back and go round for ever.
///
/// A library that calls its sinks at once gives it back on the thread that still is inside. One
/// with a queue gives it back later, on any thread: it is then known by level and text, among the
/// newest kRemembered that such libraries were given and that did not come back yet.
class HostEcho {
 public:
  static constexpr std::size_t kRemembered = 1024;

  /// While it lives, the calling thread is inside a host's logger. `comes_later` is
  /// HostLogger::logs_later.
  class Giving {
   public:
    Giving(HostLevel level, std::string_view text, bool comes_later);
    ~Giving();
    Giving(const Giving&) = delete;
    Giving& operator=(const Giving&) = delete;

   private:
    const bool was_inside_;
  };

  /// Whether what a hook is given came from here; each answer of true is counted. Any thread.
  static bool is_echo(HostLevel level, std::string_view text);
  /// How often it was, in this process.
  static std::uint64_t count();
};

}  // namespace metlog
