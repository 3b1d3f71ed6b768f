#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace metlog {

struct CpuTimes {
  double user_s = 0;
  double sys_s = 0;
};

struct ThreadTimes {
  std::int64_t id = 0;
  CpuTimes cpu;
};

struct IoCounts {
  std::int64_t read_bytes = 0;  // of storage
  std::int64_t write_bytes = 0;
  std::int64_t read_count = 0;  // system calls
  std::int64_t write_count = 0;
};

struct MemorySizes {
  double percent = 0;  // of the physical memory
  std::int64_t rss_bytes = 0;
  std::int64_t vms_bytes = 0;
};

/// What a file /proc/PID/stat says.
struct ProcessStat {
  CpuTimes cpu;
  double start_s = 0;  // after the system's start
};

/// Reads such a file. The name of the program stands in it as it is, with blanks, parentheses and
/// line breaks: what counts begins after the last parenthesis. kInternal says what is missing.
absl::StatusOr<ProcessStat> parse_stat(std::string_view text);

/// The files of a process below /proc. Used by one thread.
class ProcessFiles {
 public:
  /// `proc` is "/proc" or a directory of the same form.
  ProcessFiles(std::string proc, std::int64_t pid);

  [[nodiscard]] absl::StatusOr<ProcessStat> stat() const;
  /// By id. Threads that end meanwhile are left out.
  [[nodiscard]] absl::StatusOr<std::vector<ThreadTimes>> threads() const;
  [[nodiscard]] absl::StatusOr<IoCounts> io() const;
  [[nodiscard]] absl::StatusOr<MemorySizes> memory() const;

  /// A file of the process: "net/tcp".
  [[nodiscard]] absl::StatusOr<std::string> read(const std::string& name) const;
  /// The names in a directory of the process: "fd".
  [[nodiscard]] absl::StatusOr<std::vector<std::string>> list(const std::string& name) const;
  /// Where a link of the process points to: "fd/3"; empty when it is gone.
  [[nodiscard]] std::string link(const std::string& name) const;

 private:
  const std::string proc_;
  const std::int64_t pid_;
  const std::string directory_;
};

}  // namespace metlog
