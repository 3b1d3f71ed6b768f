#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/base/diagnostic.h"
#include "metlog/sender.h"
#include "tools/router/decode/decoded_message.h"
#include "tools/router/output/dead_letter_file.h"

namespace metlog {

/// What an output's ledger says of its messages beside sent and lost.
struct DeliveryCounts {
  std::uint64_t in_flight = 0;   // of the pending: with the destination, which has not answered
  std::uint64_t retried = 0;     // sent once more; a message counts each time
  std::uint64_t unanswered = 0;  // of the lost: sent, and never answered, so they may have arrived
  std::uint64_t dead_lettered = 0;        // of the lost: they are in the dead-letter file
  std::uint64_t dead_letters_failed = 0;  // of the lost: that file could not take them
};

/// Why an output could not deliver, the last time that it could not.
struct OutputError {
  std::string text;         // for a person; empty for never
  std::int64_t utc_ns = 0;  // when
};

/// What a sender knows of the messages of its batches, for the output's ledger, and the dead
/// letters, which are written when a batch is done. Used by the output's thread; counts() and
/// last_error() by any.
class DeliveryLog {
 public:
  /// `output` is the name in dead letters.
  DeliveryLog(std::string output, DeadLetterFile::Options dead_letters)
      : output_(std::move(output)), file_(std::move(dead_letters)) {}

  // The sender.

  void note_sent(std::uint64_t messages, bool is_again) {
    add(in_flight_, messages);
    if (is_again) add(retried_, messages);
  }
  void note_answered(std::uint64_t messages) { add(in_flight_, ~messages + 1); }
  /// Why messages are lost; to be told before the batch has them as lost.
  struct Explanation {
    std::uint64_t batch = 0;              // its number
    std::vector<std::uint32_t> messages;  // their indexes in the batch, ascending
    std::uint32_t attempts = 0;           // requests that had them
    bool was_sent_unanswered = false;     // the last of them was sent and not answered
    std::string detail;                   // for a person: "HTTP 400: ..."
    /// Only some of these messages are refused, and the answer does not say which: as many are to
    /// count as lost, and all become dead letters, those that count as sent, too.
    bool is_undecided = false;
  };
  void explain(Explanation explanation);
  /// Something that may pass: a request that is to be sent again, a refused connection.
  void note_error(std::string text);

  // The output.

  /// False when there is no dead-letter file: nothing is written then.
  [[nodiscard]] bool is_wanted() const { return file_.is_wanted(); }
  /// Writes the batch's lost messages into the dead-letter file, once one is lost. `is_json` when
  /// each is an object.
  void write_lost(const Batch& batch, bool is_json);
  /// Writes a message that never was in a batch.
  void write_lost(const DecodedMessage& message, LossReason reason);
  /// Hands over what the last calls have written; for the end of a piece of work.
  void flush();

  [[nodiscard]] DeliveryCounts counts() const;
  [[nodiscard]] OutputError last_error() const;

 private:
  using Count = std::atomic<std::uint64_t>;
  // relaxed, all: figures, stored by one thread
  static void add(Count& count, std::uint64_t change) {
    count.store(count.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
  }
  void begin_line(LossReason reason, const Explanation* why);
  void end_line(bool is_lost = true);

  const std::string output_;
  const DeadLetterFile file_;
  std::vector<Explanation> explained_;  // of batches that are not done
  std::string lines_;                   // not yet in the file
  std::uint64_t lost_count_ = 0;        // of the messages in them
  DiagnosticLimit say_;

  Count in_flight_{0};
  Count retried_{0};
  Count unanswered_{0};
  Count dead_lettered_{0};
  Count dead_letters_failed_{0};
  mutable std::mutex error_mutex_;
  OutputError error_;  // under the mutex
};

}  // namespace metlog
