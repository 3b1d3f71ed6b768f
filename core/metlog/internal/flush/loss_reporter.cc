// How the stream is told of losses: a message for each mark in a ring, and for what was lost behind
// the rings or could not be marked in them.

#include <cstring>
#include <string>

#include "metlog/internal/base/ticks.h"
#include "metlog/internal/flush/flusher.h"
#include "metlog/internal/flush/loss_message.h"

namespace metlog {

bool Flusher::take_loss_mark(LiveRing& ring, const RecordHeader& head) {
  LossMark mark;
  std::memcpy(&mark, ring.reader.cell(0).args, sizeof mark);
  const auto reason = static_cast<LossReason>(mark.reason % kLossReasonCount);
  const RegisteredSite* const site = SiteRegistry::instance().find(mark.site);
  Loss loss{head.client % std::uint32_t{kClientSlots},
            reason,
            mark.count,
            line_.utc_ns(mark.first_stamp),
            line_.utc_ns(mark.last_stamp),
            {}};
  if (site != nullptr && !site->file.empty()) loss.detail = detail_of_big_record(*site, mark);
  if (destinations_[loss.slot] == nullptr) return true;
  if (report_loss(loss, ring.memory->header().index)) {
    destinations_[loss.slot]->count_marked(reason, mark.count);
    return true;
  }
  // What is not marked here is told when the client is closed.
  return others_wait_for(loss.slot);
}

bool Flusher::report_loss(const Loss& loss, std::size_t lane_key) {
  Destination& destination = *destinations_[loss.slot];
  // Before a formatter is asked for a text that would have no place.
  if (destination.try_reserve(lane_key, 0) == nullptr) return false;
  const EngineMessage message =
      loss_message({loss.reason, loss.count, loss.first_ns, loss.last_ns}, session_, loss.detail);
  const std::string text = text_of(message, loss.slot);
  if (!put_text(text, destination, lane_key, Batch::Origin::kEngine)) return false;
  destination.count_mark_message();
  return true;
}

void Flusher::report_queue_losses(std::uint32_t slot) {
  const LossCounts unreported = destinations_[slot]->unreported_losses();
  const std::int64_t now_ns = line_.utc_ns(steady_ticks());
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    const auto reason = static_cast<LossReason>(i);
    if (unreported[reason] == 0) continue;
    if (report_loss({slot, reason, unreported[reason], now_ns, now_ns, {}}, 0)) {
      destinations_[slot]->count_reported(reason, unreported[reason]);
    }
  }
}

// What the calling threads lost and could not mark in their rings any more.
void Flusher::report_caller_losses(std::uint32_t slot) {
  const std::int64_t now_ns = line_.utc_ns(steady_ticks());
  for (const CallerLoss where : {CallerLoss::kRingFull, CallerLoss::kTooBig}) {
    const LossReason reason = reason_of(where);
    const std::uint64_t unreported =
        rings_.lost(where, slot) - destinations_[slot]->marked()[reason];
    if (unreported != 0) report_loss({slot, reason, unreported, now_ns, now_ns, {}}, 0);
  }
}

// What an ended thread lost after its last record.
bool Flusher::report_pending_losses(LiveRing& ring) {
  if (ring.producer->pending_count == 0) return true;
  for (std::size_t i = 0; i < kCallerLossCount; ++i) {
    for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
      LossTally& tally = ring.producer->pending[i][slot];
      if (tally.count == 0 || destinations_[slot] == nullptr) continue;
      if (tally.generation != generation_of(slot)) continue;
      const LossReason reason = reason_of(static_cast<CallerLoss>(i));
      const Loss loss{slot,
                      reason,
                      tally.count,
                      line_.utc_ns(tally.first_stamp),
                      line_.utc_ns(tally.last_stamp),
                      {}};
      if (!report_loss(loss, ring.memory->header().index)) return false;
      destinations_[slot]->count_marked(reason, tally.count);
      tally = {};
    }
  }
  return true;
}

}  // namespace metlog
