#include "tools/router/stream_check.h"

#include <algorithm>

namespace metlog {
namespace {

std::uint64_t less(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

/// What has come of a stream of which nothing has.
SequenceTable::Arrivals nothing() {
  static const MissingNumbers kNone;
  return {.missing = kNone};
}

}  // namespace

StreamCheck::Missing StreamCheck::missing(bool is_closed,
                                          const SequenceTable::Arrivals* arrivals) const {
  const SequenceTable::Arrivals came = arrivals != nullptr ? *arrivals : nothing();
  Missing missing;
  if (!began_here_ || !came.is_start_known) {
    missing.begin = arrivals != nullptr ? came.first : claim_.numbered;
  }
  missing.open = came.missing.count_from(std::max(claim_.settled, missing.begin));
  missing.settled = came.missing.count_from(missing.begin) - missing.open;
  const std::uint64_t next = std::max(came.expected, missing.begin);
  if (is_closed && claim_.numbered > next) {
    const std::uint64_t settled = less(claim_.settled, next);
    missing.settled += settled;
    missing.open += claim_.numbered - next - settled;
  }
  return missing;
}

void StreamCheck::note(const StatsReport::Stream& claim, bool was_here,
                       const SequenceTable::Arrivals* arrivals) {
  if (claim.numbered >= claim_.numbered) claim_ = claim;
  began_here_ &= was_here;
  const bool is_whole = began_here_ && (arrivals == nullptr || arrivals->is_start_known);
  if (is_whole || has_base_ || arrivals == nullptr || claim_.settled < arrivals->first) return;
  has_base_ = true;
  base_lost_ = claim_.lost;
  base_missing_ = missing(false, arrivals).settled;
}

StreamCheck::Result StreamCheck::result(bool is_closed,
                                        const SequenceTable::Arrivals* arrivals) const {
  const SequenceTable::Arrivals came = arrivals != nullptr ? *arrivals : nothing();
  const Missing found = missing(is_closed, arrivals);
  Result result;
  result.undecided = found.open;
  const bool is_whole = began_here_ && came.is_start_known;
  if (is_whole || (has_base_ && base_lost_ == 0)) {
    result.lost_on_way = less(found.settled, claim_.lost);
  } else {
    const std::uint64_t before = has_base_ ? std::min(base_missing_, found.settled) : found.settled;
    result.undecided += before;
    result.lost_on_way = less(found.settled - before, less(claim_.lost, base_lost_));
  }

  StreamLedger& ledger = result.ledger;
  ledger.number = claim_.number;
  ledger.since = found.begin;
  ledger.numbered = claim_.numbered;
  ledger.received = came.messages;
  ledger.repeated = came.repeated;
  ledger.late_unknown = came.late_unknown;
  ledger.missing = found.settled + found.open;
  const auto add = [&ledger](std::uint64_t first, std::uint64_t end) {
    ledger.ranges.push_back({first, end - first});
    ledger.not_listed -= std::min(ledger.not_listed, end - first);
  };
  ledger.not_listed = ledger.missing;
  for (const NumberRange& range : came.missing.first_ranges()) {
    const std::uint64_t end = range.first + range.count;
    if (end > found.begin) add(std::max(range.first, found.begin), end);
  }
  const std::uint64_t next = std::max(came.expected, found.begin);
  if (is_closed && claim_.numbered > next) add(next, claim_.numbered);
  return result;
}

}  // namespace metlog
