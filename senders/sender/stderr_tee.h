#pragma once

#include <unistd.h>

#include <cstdint>
#include <string_view>

#include "metlog/sender.h"

namespace metlog {

/// Writes messages to standard error as well, one line each, never interleaved. What standard error
/// does not take at once is dropped. Used by one thread.
class StderrTee {
 public:
  explicit StderrTee(int fd = STDERR_FILENO) : fd_(fd) {}

  /// Shows the messages of the batch that were not shown before: a batch may be offered repeatedly.
  void show_new(const Batch& batch);
  void show(std::string_view message) const;

 private:
  int fd_;
  std::uint64_t next_ = 0;  // sequence number of the first message not shown
};

/// Writes as much as the descriptor takes without waiting, in one piece where it takes it so.
void write_without_waiting(int fd, std::string_view text);

}  // namespace metlog
