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

/// Tells the clients' streams of losses, in messages of type metlog.loss: at the place of each loss
/// mark in a ring, and at the end of a round of what was lost in the flusher, in the senders, or
/// where no mark could be written. A loss whose message is lost is told again, see Untold.
/// docs/wire.md has the fields. Used by one thread at a time, under the flusher's mutex; `line` is
/// the clock of the round.
class LossReporter {
 public:
  /// `session` is the session's id. Delivery and rings outlive the reporter.
  LossReporter(Delivery& delivery, const RingSet& rings, std::string session)
      : delivery_(delivery), rings_(rings), session_(std::move(session)) {}

  /// Tells of the loss mark at the ring's reader; false when the mark is to be read again later.
  bool take_mark(const LiveRing& ring, const RecordHeader& head, const Timeline& time);
  /// Tells of what is untold, as far as there is room and a point in it.
  void tell_losses(std::uint32_t slot, const Timeline& time);
  /// Tells of what is untold, as far as there is room; also of what the calling threads have not
  /// marked in their rings, whose marks are skipped from now on. Before a close.
  void tell_last_losses(std::uint32_t slot, const Timeline& time);
  /// Tells of what an ended thread lost after its last record; false while some of it is untold.
  bool tell_pending_losses(LiveRing& ring, const Timeline& time);

 private:
  /// Tells of losses on a calling thread at their place, or leaves them to tell_losses() when there
  /// is no point in it; false when there is no room.
  bool tell_here(const Notice& notice, const std::vector<EngineField>& detail, std::uint32_t slot,
                 std::size_t queue_key);
  void tell_untold(std::uint32_t slot);
  bool tell(const Notice& notice, const std::vector<EngineField>& detail, std::uint32_t slot,
            std::size_t queue_key);
  [[nodiscard]] EngineMessage message_of(const Notice& notice, std::uint32_t slot) const;
  void notice_ringless_losses(std::uint32_t slot, std::int64_t now_ns);

  Delivery& delivery_;
  const RingSet& rings_;
  std::array<std::int64_t, kClientSlots> ringless_noticed_ns_{};
  const std::string session_;
};

}  // namespace metlog
