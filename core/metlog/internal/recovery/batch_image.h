#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/record_id.h"
#include "metlog/internal/session/sent_totals.h"
#include "metlog/sender.h"

namespace metlog {

/// The batch of a process that died, read from its file. Trusts no number in it, and holds no more
/// than the file does and 56 bytes for each message.
struct BatchImage {
  struct Message {
    std::string_view text;  // empty for one that the table does not tell from its neighbour
    RecordId record;
    Batch::Origin origin;
    bool is_open;  // neither sent nor lost
    bool is_lost;  // for `reason`
    LossReason reason;
    LossReason reported;            // of losses that it reports
    std::uint64_t report_count{0};  // of these; 0 for none
  };

  /// `fd` is the batch's file, `stream` the number in its name. kNotFound when it never became a
  /// batch, kFailedPrecondition when it is of a later version, kInvalidArgument says what is wrong
  /// with it.
  static absl::StatusOr<BatchImage> read(int fd, const std::string& name, std::uint32_t stream);

  std::string name;
  std::uint32_t stream = 0;
  std::uint64_t number = 0;
  std::uint64_t first_sequence = 0;
  std::uint64_t next_sequence = 0;  // after the batch that was in the file before
  std::vector<Message> messages;
  /// Where in its file the sender was about to write message `write_index` and what follows.
  std::optional<std::uint64_t> write_offset;
  FileIdentity write_file;
  std::uint64_t write_index = 0;
  /// What became of earlier batches of the file, up to the number that it has.
  SentTotals totals;
  /// Those are the totals of all batches of the stream with smaller numbers.
  bool replaces_earlier = false;
  /// Entries of the table that make no sense, and those of them whose messages are missing.
  std::uint64_t damaged = 0;
  std::uint64_t missing = 0;
  /// Fields of the header that make no sense, for a person; empty for none.
  std::string damage;

  std::unique_ptr<char[]> bytes;  // of the messages
};

}  // namespace metlog
