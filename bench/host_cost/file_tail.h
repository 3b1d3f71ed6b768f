#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/base/unique_fd.h"

namespace metlog {

/// Reads the lines of a file that others write, and counts those with kMessageMark: the benchmark's
/// messages, not those of the engine. Used by one thread.
class FileTail {
 public:
  enum class Samples { kNone, kLatency };

  /// With kLatency, the ids are times of calls, and each message's age is kept when it is read.
  FileTail(std::string path, Samples samples) : path_(std::move(path)), samples_(samples) {}

  /// Reads what there is; a file that does not exist yet is empty.
  void read_new();
  [[nodiscard]] std::uint64_t messages() const { return messages_; }
  /// In microseconds; without messages of id 0.
  [[nodiscard]] const std::vector<double>& ages_us() const { return ages_us_; }

 private:
  void take_lines(std::uint64_t now_ns);
  void take_line(std::string_view line, std::uint64_t now_ns);

  const std::string path_;
  const Samples samples_;
  UniqueFd file_;
  std::string pending_;  // what is read and not yet a line
  std::uint64_t messages_ = 0;
  std::vector<double> ages_us_;
};

}  // namespace metlog
