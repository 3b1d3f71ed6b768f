#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace metlog {

/// How a process that was started ended.
struct ChildEnd {
  enum class How : std::uint8_t { kExited, kKilled, kTimedOut, kStopped, kNotStarted };
  How how = How::kNotStarted;
  int code = 0;  // exit code, or the signal
  std::string output;

  /// "killed by signal 11", ...; empty when it ended well.
  [[nodiscard]] std::string trouble() const;
};

/// Runs this program again with other arguments and collects its standard output. Kills it when the
/// time is over or `must_stop` says so; calls that some times a second.
ChildEnd run_self(const std::vector<std::string>& arguments, std::chrono::milliseconds limit,
                  const std::function<bool()>& must_stop);

}  // namespace metlog
