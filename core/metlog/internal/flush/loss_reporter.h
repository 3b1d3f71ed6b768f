#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "metlog/internal/base/clock.h"
#include "metlog/internal/codec/encoder.h"
#include "metlog/internal/emit/ring_set.h"
#include "metlog/internal/flush/delivery.h"
#include "metlog/internal/ring/cell.h"
#include "metlog/loss.h"

namespace metlog {

/// Reports losses in the clients' streams: a message of type metlog.loss for each loss mark in a
/// ring, and for what was lost in the flusher, in the senders, or where no mark could be written.
/// Its fields are `count`, `reason`, `first`, `last`, `session`, and for a record that was too big
/// `site` and `beginning`. Used by one thread at a time, under the flusher's mutex; `line` is the
/// clock of the round.
class LossReporter {
 public:
  /// `session` is the session's id. Delivery and rings outlive the reporter.
  LossReporter(Delivery& delivery, const RingSet& rings, std::string session)
      : delivery_(delivery), rings_(rings), session_(std::move(session)) {}

  /// Reports the loss mark at the ring's reader; false when the mark is to be read again later.
  bool take_mark(const LiveRing& ring, const RecordHeader& head, const ClockLine& line);
  /// Reports what was lost in the flusher and in the senders, as far as there is room.
  void report_queue_losses(std::uint32_t slot, const ClockLine& line);
  /// Reports what the calling threads lost and could not mark in their rings; before a close.
  void report_caller_losses(std::uint32_t slot, const ClockLine& line);
  /// Reports what an ended thread lost after its last record; false while some of it is unreported.
  bool report_pending_losses(LiveRing& ring, const ClockLine& line);

 private:
  /// Messages of a client that were lost for one reason between two times.
  struct Loss {
    LossReason reason;
    std::uint64_t count;
    std::int64_t first_ns;  // UTC
    std::int64_t last_ns;
    std::vector<EngineField> detail = {};  // additional fields
  };

  bool report(const Loss& loss, std::uint32_t slot, std::size_t queue_key);
  [[nodiscard]] EngineMessage message_of(const Loss& loss) const;

  Delivery& delivery_;
  const RingSet& rings_;
  const std::string session_;
};

}  // namespace metlog
