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

/// The end of a started process.
struct ChildEnd {
  enum class How : std::uint8_t { kExited, kKilled, kTimedOut, kStopped, kNotStarted };
  How how = How::kNotStarted;
  int code = 0;  // exit code, or the signal
  std::string output;

  /// "killed by signal 11", ...; empty when it exited with 0.
  [[nodiscard]] std::string trouble() const;
};

/// Runs this program with other arguments and collects its standard output. Kills it after `limit`
/// or when `must_stop`, which is called some times a second, returns true.
ChildEnd run_self(const std::vector<std::string>& arguments, std::chrono::milliseconds limit,
                  const std::function<bool()>& must_stop);

/// Counts the messages in a file of JSON lines, the engine's own left out; empty when it is not a
/// regular file and so cannot be read back.
std::optional<Arrival> count_written_lines(const std::string& path);

/// Measures points, each with three new processes: one for the time of calls, one for throughput,
/// one for what logging costs busy workers. Used by one thread.
class PointRunner {
 public:
  struct Options {
    std::string directory;  // for sockets and files; the caller removes it
    std::string session_directory;
    std::string file;  // where the file transport writes
    std::uint64_t phase_ms = 200;
    std::uint64_t rate = 0;
    std::function<bool()> must_stop;
  };

  explicit PointRunner(Options options) : options_(std::move(options)) {}

  /// Never fails: the row says what went wrong.
  Row measure(const Setting& setting);

 private:
  Phase measure_phase(Measure measure, const Setting& setting, Row& row);
  Phase run(const PointOptions& asked, Receiver* receiver, Row& row);

  const Options options_;
};

}  // namespace metlog
