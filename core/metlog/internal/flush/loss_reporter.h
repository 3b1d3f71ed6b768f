#pragma once

#include <array>
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

/// Returns the message that reports these losses. `session` is the session's id.
EngineMessage loss_message(const Notice& notice, const std::string& session);

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
  /// Notes how many calls each client has made, for count_damaged().
  void note_calls();
  /// After damage to a ring: counts what is missing of a client as LossReason::kDamaged, unless it
  /// has made calls since note_calls(). Those before are over (RingDamage::is_in_call()), and what
  /// they have written is drained: so a call that is counted here never arrives.
  void count_damaged(std::uint32_t slot);
  /// Reports what an ended thread lost after its last record; false while some of it is unreported.
  bool report_pending_losses(LiveRing& ring, const Timeline& time);

 private:
  /// False when a destination of the client is to be waited for, which has no room for a report.
  [[nodiscard]] bool has_room(std::uint32_t slot, std::size_t queue_key) const;
  /// Reports the mark to one of the client's destinations.
  void report_mark(const LossMark& mark, const LiveRing& ring, std::uint32_t slot,
                   const Timeline& time);
  /// Reports losses on a calling thread at their place, or leaves them to report_losses() while a
  /// report would be lost. Requires has_room().
  void report_in_place(const Notice& notice, const std::vector<EngineField>& detail,
                       std::uint32_t slot, std::size_t queue_key);
  void report_unreported(std::uint32_t slot);
  bool report(const Notice& notice, const std::vector<EngineField>& detail, std::uint32_t slot,
              std::size_t queue_key);
  [[nodiscard]] EngineMessage message_of(const Notice& notice, std::uint32_t slot) const;
  void notice_ringless_losses(std::uint32_t slot, std::int64_t now_ns);

  Delivery& delivery_;
  const RingSet& rings_;
  std::array<std::int64_t, kClientSlots> ringless_noticed_ns_{};
  std::array<std::uint64_t, kClientSlots> noted_calls_{};
  const std::string session_;
};

}  // namespace metlog
