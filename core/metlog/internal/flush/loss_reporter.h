#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "metlog/internal/codec/encoder.h"
#include "metlog/internal/emit/ring_set.h"
#include "metlog/internal/flush/delivery.h"
#include "metlog/internal/flush/timeline.h"
#include "metlog/internal/ring/cell.h"
#include "metlog/loss.h"

namespace metlog {

/// Reports losses in the clients' streams, in messages of type metlog.loss: at the place of each
/// loss mark in a ring, and at the end of a round of what was lost in the flusher, in the senders,
/// or where no mark could be written. A loss whose message is lost is reported again, see
/// UnreportedLosses. docs/wire.md has the fields. Used by one thread at a time, under the flusher's
/// mutex; `time` is that of the round.
class LossReporter {
 public:
  /// `session` is the session's id. Delivery and rings outlive the reporter.
  LossReporter(Delivery& delivery, const RingSet& rings, std::string session)
      : delivery_(delivery), rings_(rings), session_(std::move(session)) {}

  /// Reports the loss mark at the ring's reader; false when the mark is to be read again later.
  bool take_mark(const LiveRing& ring, const RecordHeader& head, const Timeline& time);
  /// Reports what is unreported, as far as there is room and the destination takes messages.
  void report_losses(std::uint32_t slot, const Timeline& time);
  /// Reports what is unreported, as far as there is room; also what the calling threads have not
  /// marked in their rings, whose marks are skipped from now on. Before a close.
  void report_last_losses(std::uint32_t slot, const Timeline& time);
  /// After damage to a ring: counts what is missing of a client that has been quiet for a second,
  /// as LossReason::kDamaged. `is_drained`: no record is left in the rings.
  void count_damaged(std::uint32_t slot, bool is_drained);
  /// The same at once, of a client that is being closed and of which no record is in the rings.
  void count_damaged(std::uint32_t slot);
  /// Reports what an ended thread lost after its last record; false while some of it is unreported.
  bool report_pending_losses(LiveRing& ring, const Timeline& time);

 private:
  /// Reports losses on a calling thread at their place, or leaves them to report_losses() while a
  /// report would be lost; false when there is no room.
  bool report_in_place(const Notice& notice, const std::vector<EngineField>& detail,
                       std::uint32_t slot, std::size_t queue_key);
  void report_unreported(std::uint32_t slot);
  bool report(const Notice& notice, const std::vector<EngineField>& detail, std::uint32_t slot,
              std::size_t queue_key);
  [[nodiscard]] EngineMessage message_of(const Notice& notice, std::uint32_t slot) const;
  void notice_ringless_losses(std::uint32_t slot, std::int64_t now_ns);

  Delivery& delivery_;
  const RingSet& rings_;
  std::array<std::int64_t, kClientSlots> ringless_noticed_ns_{};
  /// Since when a client has made no call, and how many it had made.
  struct Quiet {
    std::uint64_t emitted = 0;
    std::chrono::steady_clock::time_point since{};
  };
  std::array<Quiet, kClientSlots> quiet_{};
  const std::string session_;
};

}  // namespace metlog
