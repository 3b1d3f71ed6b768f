#include "metlog/internal/flush/loss_reporter.h"

#include <algorithm>
#include <cstring>

#include "metlog/internal/base/ticks.h"
#include "metlog/internal/text/timestamp_text.h"
#include "metlog/severity.h"

namespace metlog {
namespace {

std::string time_text(std::int64_t utc_ns) {
  TimestampText text;
  char out[TimestampText::kBytes];
  text.append(out, utc_ns);
  return std::string(out, sizeof out);
}

std::vector<EngineField> detail_of_big_record(const RegisteredSite& site, const LossMark& mark) {
  const std::string beginning(reinterpret_cast<const char*>(mark.beginning),
                              std::min<std::size_t>(mark.beginning_size, sizeof mark.beginning));
  return {{"site", site.file + ":" + std::to_string(site.line)}, {"beginning", beginning}};
}

}  // namespace

bool LossReporter::take_mark(const LiveRing& ring, const RecordHeader& head,
                             const ClockLine& line) {
  const std::uint32_t slot = head.client % std::uint32_t{kClientSlots};
  Destination* const destination = delivery_.destination(slot);
  if (destination == nullptr) return true;
  LossMark mark;
  std::memcpy(&mark, ring.reader.cell(0).args, sizeof mark);
  const auto reason = static_cast<LossReason>(mark.reason % kLossReasonCount);
  Loss loss{reason, mark.count, line.utc_ns(mark.first_stamp), line.utc_ns(mark.last_stamp)};
  const RegisteredSite* const site = SiteRegistry::instance().find(mark.site);
  if (site != nullptr && !site->file.empty()) loss.detail = detail_of_big_record(*site, mark);
  if (report(loss, slot, ring.queue_key)) {
    destination->count_marked(reason, mark.count);
    return true;
  }
  // A mark that is given up is reported by report_caller_losses().
  return delivery_.gives_up(slot);
}

bool LossReporter::report(const Loss& loss, std::uint32_t slot, std::size_t queue_key) {
  Destination& destination = *delivery_.destination(slot);
  // Checked before a message is made, and a formatter called, for nothing.
  if (destination.try_reserve(queue_key, 0) == nullptr) return false;
  if (!delivery_.deliver(message_of(loss), slot, queue_key)) return false;
  destination.count_mark_message();
  return true;
}

EngineMessage LossReporter::message_of(const Loss& loss) const {
  const std::string reason(name_of(loss.reason));
  const std::string count = std::to_string(loss.count);
  EngineMessage message{"metlog.loss",
                        "lost " + count + (loss.count == 1 ? " message: " : " messages: ") + reason,
                        {{"count", count, true},
                         {"reason", reason},
                         {"first", time_text(loss.first_ns)},
                         {"last", time_text(loss.last_ns)},
                         {"session", session_}},
                        static_cast<int>(Severity::kWarning),
                        loss.last_ns};
  message.fields.insert(message.fields.end(), loss.detail.begin(), loss.detail.end());
  return message;
}

void LossReporter::report_queue_losses(std::uint32_t slot, const ClockLine& line) {
  Destination& destination = *delivery_.destination(slot);
  const LossCounts unreported = destination.unreported_losses();
  const std::int64_t now_ns = line.utc_ns(steady_ticks());
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    const auto reason = static_cast<LossReason>(i);
    if (unreported[reason] == 0) continue;
    if (report({reason, unreported[reason], now_ns, now_ns}, slot, 0)) {
      destination.count_reported(reason, unreported[reason]);
    }
  }
}

void LossReporter::report_caller_losses(std::uint32_t slot, const ClockLine& line) {
  const std::int64_t now_ns = line.utc_ns(steady_ticks());
  for (const CallerLoss where : {CallerLoss::kRingFull, CallerLoss::kTooBig}) {
    const LossReason reason = reason_of(where);
    const std::uint64_t unmarked =
        rings_.lost(where, slot) - delivery_.destination(slot)->marked()[reason];
    if (unmarked != 0) report({reason, unmarked, now_ns, now_ns}, slot, 0);
  }
}

bool LossReporter::report_pending_losses(LiveRing& ring, const ClockLine& line) {
  if (ring.producer->pending_count == 0) return true;
  for (std::size_t i = 0; i < kCallerLossCount; ++i) {
    for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
      LossTally& tally = ring.producer->pending[i][slot];
      Destination* const destination = delivery_.destination(slot);
      if (tally.count == 0 || destination == nullptr) continue;
      if (tally.generation != generation_of(slot)) continue;
      const LossReason reason = reason_of(static_cast<CallerLoss>(i));
      const Loss loss{reason, tally.count, line.utc_ns(tally.first_stamp),
                      line.utc_ns(tally.last_stamp)};
      if (!report(loss, slot, ring.queue_key)) return false;
      destination->count_marked(reason, tally.count);
      tally = {};
    }
  }
  return true;
}

}  // namespace metlog
