#include "metlog/internal/flush/loss_reporter.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "metlog/internal/base/ticks.h"
#include "metlog/severity.h"

namespace metlog {
namespace {

// Threads without a ring lose every call: a message for each round would be a flood.
constexpr std::int64_t kRinglessIntervalNs = 100'000'000;

std::vector<EngineField> detail_of_big_record(const RegisteredSite& site, const LossMark& mark) {
  const std::string beginning(reinterpret_cast<const char*>(mark.beginning),
                              std::min<std::size_t>(mark.beginning_size, sizeof mark.beginning));
  return {{"site", site.file + ":" + std::to_string(site.line)}, {"beginning", beginning}};
}

}  // namespace

EngineMessage loss_message(const Notice& notice, const std::string& session) {
  const std::string count = std::to_string(notice.count);
  const std::string reason(name_of(notice.reason));
  return {"metlog.loss",
          "lost " + count + (notice.count == 1 ? " message: " : " messages: ") + reason,
          {{"count", count, true},
           {"reason", reason},
           {"first", time_text(notice.first_ns)},
           {"last", time_text(notice.last_ns)},
           {"session", session}},
          static_cast<int>(Severity::kWarning),
          notice.last_ns};
}

bool LossReporter::take_mark(const LiveRing& ring, const RecordHeader& head, const Timeline& time) {
  const std::uint32_t slot = head.client % std::uint32_t{kClientSlots};
  LossMark mark;
  std::memcpy(&mark, ring.reader.cell(0).args, sizeof mark);
  const auto reason = static_cast<LossReason>(mark.reason);
  // Else a damaged mark.
  if (reason != LossReason::kRingFull && reason != LossReason::kTooBig) return true;
  if (!has_room(slot, ring.queue_key)) return false;
  for (const std::uint32_t each : delivery_.slots_of(slot)) report_mark(mark, ring, each, time);
  return true;
}

void LossReporter::report_mark(const LossMark& mark, const LiveRing& ring, std::uint32_t slot,
                               const Timeline& time) {
  const Destination& destination = *delivery_.destination(slot);
  if (destination.skips_marks()) return;
  const auto reason = static_cast<LossReason>(mark.reason);
  const bool is_full = reason == LossReason::kRingFull;
  // No more than there is, or the account would be wrong after damage.
  const std::uint64_t unmarked =
      rings_.lost(is_full ? CallerLoss::kRingFull : CallerLoss::kTooBig, slot) -
      destination.marked()[reason];
  const std::uint64_t count = std::min(mark.count, unmarked);
  if (count == 0) return;
  std::vector<EngineField> detail;
  const RegisteredSite* const site = SiteRegistry::instance().find(mark.site);
  if (site != nullptr && !site->file.empty()) detail = detail_of_big_record(*site, mark);
  Notice notice =
      loss_of(reason, count, time.utc_ns(mark.first_stamp), time.utc_ns(mark.last_stamp));
  notice.record = ring.next_id();
  report_in_place(notice, detail, slot, ring.queue_key);
}

bool LossReporter::has_room(std::uint32_t slot, std::size_t queue_key) const {
  const std::vector<std::uint32_t>& slots = delivery_.slots_of(slot);
  return std::all_of(slots.begin(), slots.end(), [&](std::uint32_t each) {
    Destination& destination = *delivery_.destination(each);
    return destination.skips_marks() || !destination.may_report() ||
           destination.try_reserve(queue_key, 0) != nullptr || delivery_.gives_up(each);
  });
}

void LossReporter::report_in_place(const Notice& notice, const std::vector<EngineField>& detail,
                                   std::uint32_t slot, std::size_t queue_key) {
  Destination& destination = *delivery_.destination(slot);
  if (!destination.may_report() || !report(notice, detail, slot, queue_key)) {
    destination.unreported().add(notice);
  }
  destination.count_marked(notice.reason, notice.count);
}

bool LossReporter::report(const Notice& notice, const std::vector<EngineField>& detail,
                          std::uint32_t slot, std::size_t queue_key) {
  // Checked before a message is made, and a formatter called, for nothing.
  if (delivery_.destination(slot)->try_reserve(queue_key, 0) == nullptr) return false;
  EngineMessage message = message_of(notice, slot);
  message.fields.insert(message.fields.end(), detail.begin(), detail.end());
  return delivery_.deliver(message, notice, slot, queue_key);
}

EngineMessage LossReporter::message_of(const Notice& notice, std::uint32_t slot) const {
  const Destination& destination = *delivery_.destination(slot);
  const LossCounts total = whole_account(destination.ledger(), rings_, slot).lost;
  EngineMessage message = loss_message(notice, session_);
  message.fields.push_back({"client", std::to_string(destination.client_number()), true});
  message.fields.push_back({"total", std::to_string(total.total()), true});
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    if (total.by_reason[i] == 0) continue;
    message.fields.push_back({"total_" + std::string(name_of(static_cast<LossReason>(i))),
                              std::to_string(total.by_reason[i]), true});
  }
  return message;
}

void LossReporter::notice_ringless_losses(std::uint32_t slot, std::int64_t now_ns) {
  Destination& destination = *delivery_.destination(slot);
  // Threads without a ring have no place for a mark.
  const auto notice = [&](LossReason reason, std::uint64_t lost) {
    const std::uint64_t unmarked = lost - destination.marked()[reason];
    if (unmarked == 0) return;
    destination.unreported().add(loss_of(reason, unmarked, now_ns, now_ns));
    destination.count_marked(reason, unmarked);
  };
  notice(LossReason::kNoRing, rings_.unattached(slot));
  notice(LossReason::kForked, rings_.forked(slot));
}

void LossReporter::report_unreported(std::uint32_t slot) {
  Destination& destination = *delivery_.destination(slot);
  if (!destination.unreported().has_losses()) return;
  const std::array<Notice, kLossReasonCount> unreported = destination.unreported().losses();
  for (const Notice& notice : unreported) {
    if (notice.count == 0) continue;
    if (!report(notice, {}, slot, destination.reporting_key())) return;
    destination.unreported().reported(notice.reason);
  }
}

void LossReporter::report_losses(std::uint32_t slot, const Timeline& time) {
  const std::int64_t now_ns = time.utc_ns(steady_ticks());
  delivery_.destination(slot)->notice_losses(now_ns);
  std::int64_t& noticed_ns = ringless_noticed_ns_[slot];
  if (now_ns >= noticed_ns + kRinglessIntervalNs || now_ns < noticed_ns) {
    noticed_ns = now_ns;
    notice_ringless_losses(slot, now_ns);
  }
  if (delivery_.destination(slot)->may_report()) report_unreported(slot);
  delivery_.destination(slot)->note_times();
}

void LossReporter::report_last_losses(std::uint32_t slot, const Timeline& time) {
  const std::int64_t now_ns = time.utc_ns(steady_ticks());
  Destination& destination = *delivery_.destination(slot);
  destination.notice_losses(now_ns);
  destination.skip_marks();
  notice_ringless_losses(slot, now_ns);
  for (const CallerLoss where : {CallerLoss::kRingFull, CallerLoss::kTooBig}) {
    const LossReason reason = reason_of(where);
    const std::uint64_t unmarked = rings_.lost(where, slot) - destination.marked()[reason];
    if (unmarked == 0) continue;
    destination.unreported().add(loss_of(reason, unmarked, now_ns, now_ns));
    destination.count_marked(reason, unmarked);
  }
  report_unreported(slot);
}

void LossReporter::note_calls() {
  delivery_.used().for_each(
      [this](std::uint32_t slot) { noted_calls_[slot] = rings_.emitted(slot); });
}

void LossReporter::count_damaged(std::uint32_t slot) {
  Destination& destination = *delivery_.destination(slot);
  destination.offer_all();  // what is not offered is not in the account yet
  const Ledger ledger = whole_account(destination.ledger(), rings_, slot);
  if (ledger.emitted != noted_calls_[slot]) return;
  const std::int64_t missing = ledger.unexplained();
  if (missing > 0) {
    destination.count_lost(LossReason::kDamaged, static_cast<std::uint64_t>(missing));
  }
}

bool LossReporter::report_pending_losses(LiveRing& ring, const Timeline& time) {
  if (ring.producer->pending_count == 0) return true;
  for (std::size_t i = 0; i < kCallerLossCount; ++i) {
    for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
      LossTally& tally = ring.producer->pending[i][slot];
      if (tally.count == 0 || tally.generation != generation_of(slot)) continue;
      if (!has_room(slot, ring.queue_key)) return false;
      const Notice notice = loss_of(reason_of(static_cast<CallerLoss>(i)), tally.count,
                                    time.utc_ns(tally.first_stamp), time.utc_ns(tally.last_stamp));
      const std::vector<std::uint32_t>& slots = delivery_.slots_of(slot);
      for (const std::uint32_t each : slots) {
        const bool is_told = delivery_.destination(each)->skips_marks();
        if (!is_told) report_in_place(notice, {}, each, ring.queue_key);
      }
      if (!slots.empty()) tally = {};
    }
  }
  return true;
}

}  // namespace metlog
