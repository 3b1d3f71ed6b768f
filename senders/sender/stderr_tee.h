#pragma once

#include <unistd.h>

#include <cstdint>
#include <string_view>

#include "metlog/batch.h"

namespace metlog {

/// Writes messages to standard error as well, a line each and a line at once. What standard error
/// does not take at once is cut. Used by one thread.
class StderrTee {
 public:
  explicit StderrTee(int fd = STDERR_FILENO) : fd_(fd) {}

  /// Those of the batch that it has not shown before, for a batch may be offered again and again.
  void show_new(const Batch& batch);
  void show(std::string_view message) const;

 private:
  int fd_;
  std::uint64_t next_ = 0;  // number of the first message not shown, among all of its stream
};

/// Writes what goes without waiting, in one piece where the descriptor takes it as one.
void write_without_waiting(int fd, std::string_view text);

}  // namespace metlog
