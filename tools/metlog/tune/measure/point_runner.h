#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/metlog/tune/measure/receiver.h"
#include "tools/metlog/tune/measure/row.h"

namespace metlog {

/// Measures points, each in two processes of its own: one for the calls, one for what goes through.
/// Used by one thread.
class PointRunner {
 public:
  struct Options {
    std::string directory;  // for sockets and files; somebody else removes it
    std::string session_directory;
    std::string file;  // where the file transport writes
    std::uint64_t phase_ms = 200;
    std::uint64_t rate = 0;
    std::function<bool()> must_stop;
  };

  explicit PointRunner(Options options) : options_(std::move(options)) {}

  /// Never fails: what went wrong stands in the row.
  Row measure(const Setting& setting);

 private:
  Phase measure_phase(Measure measure, const Setting& setting, Row& row);
  Phase run(const PointOptions& asked, Receiver* receiver, Row& row);

  const Options options_;
};

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

/// Counts the user's messages in a file of JSON lines; empty when it is no regular file, which
/// cannot be read back.
std::optional<Arrival> count_written_lines(const std::string& path);

}  // namespace metlog
