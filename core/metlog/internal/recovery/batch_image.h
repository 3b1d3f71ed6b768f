#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/record_id.h"
#include "metlog/sender.h"

namespace metlog {

/// The batch of a process that died, read from its file. Trusts no number in it, and holds no more
/// than the file does.
struct BatchImage {
  struct Message {
    std::string text;
    RecordId record;
    Batch::Origin origin;
    bool is_open;  // neither sent nor lost
  };

  /// `fd` is the batch's file. kNotFound when it never became a batch, kInvalidArgument says what
  /// is wrong with it.
  static absl::StatusOr<BatchImage> read(int fd, const std::string& name);

  std::string name;
  std::uint32_t stream = 0;
  std::uint64_t number = 0;
  std::uint64_t first_sequence = 0;
  std::uint64_t next_sequence = 0;  // after the batch that was in the file before
  std::vector<Message> messages;
  /// Where in its file the sender was about to write message `write_index` and what follows.
  std::optional<std::uint64_t> write_offset;
  std::uint64_t write_index = 0;
  /// Entries that the table should have, and that make no sense.
  std::uint64_t damaged = 0;
};

}  // namespace metlog
