#include "tools/router/input/missing_numbers.h"

#include <algorithm>
#include <limits>

namespace metlog {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) {
  return a > kMax - b ? kMax : a + b;
}

std::uint64_t end_of(const NumberRange& range) { return saturating_sum(range.first, range.count); }

}  // namespace

void MissingNumbers::add(NumberRange skipped) {
  count_ = saturating_sum(count_, skipped.count);
  ranges_.push_back(skipped);
  limit();
}

/// Keeps what is wanted of the ranges between the first and the last ones.
void MissingNumbers::limit() {
  if (unkept_count_ == 0) first_kept_ = std::min(ranges_.size(), kFirst);
  for (; first_kept_ > kFirst; --first_kept_) {  // some were cut in two
    const auto last = ranges_.begin() + static_cast<std::ptrdiff_t>(first_kept_ - 1);
    unkept_begin_ = last->first;
    unkept_count_ = saturating_sum(unkept_count_, last->count);
    ranges_.erase(last);
  }
  while (ranges_.size() > first_kept_ + kLast) {
    const auto oldest = ranges_.begin() + static_cast<std::ptrdiff_t>(first_kept_);
    if (unkept_count_ == 0) unkept_begin_ = oldest->first;
    unkept_end_ = end_of(*oldest);
    unkept_count_ = saturating_sum(unkept_count_, oldest->count);
    ranges_.erase(oldest);
  }
}

MissingNumbers::Late MissingNumbers::take(NumberRange came) {
  const std::uint64_t begin = came.first;
  const std::uint64_t end = end_of(came);
  Late late;
  for (std::size_t i = 0; i < ranges_.size() && ranges_[i].first < end;) {
    const std::size_t before = ranges_.size();
    late.found += take_from(i, begin, end);
    if (ranges_.size() >= before) ++i;
    if (ranges_.size() > before) ++i;  // the rest of a range that was cut in two
  }
  const std::uint64_t low = std::max(begin, unkept_begin_);
  const std::uint64_t high = std::min(end, unkept_end_);
  if (unkept_count_ != 0 && low < high) late.unknown = high - low;
  late.repeated = end - begin - late.found - late.unknown;
  count_ -= std::min(count_, late.found);
  limit();
  return late;
}

std::uint64_t MissingNumbers::take_from(std::size_t i, std::uint64_t begin, std::uint64_t end) {
  NumberRange& range = ranges_[i];
  const std::uint64_t low = std::max(begin, range.first);
  const std::uint64_t range_end = end_of(range);
  const std::uint64_t high = std::min(end, range_end);
  if (low >= high) return 0;
  const auto at = ranges_.begin() + static_cast<std::ptrdiff_t>(i);
  if (low > range.first && high < range_end) {
    range.count = low - range.first;
    ranges_.insert(at + 1, {high, range_end - high});
    if (unkept_count_ != 0 && i < first_kept_) ++first_kept_;
  } else if (low > range.first) {
    range.count = low - range.first;
  } else if (high < range_end) {
    range = {high, range_end - high};
  } else {
    ranges_.erase(at);
    if (i < first_kept_) --first_kept_;
  }
  return high - low;
}

std::uint64_t MissingNumbers::count_from(std::uint64_t from) const {
  std::uint64_t count = unkept_end_ > from ? unkept_count_ : 0;
  for (const NumberRange& range : ranges_) {
    const std::uint64_t end = end_of(range);
    if (end > from) count = saturating_sum(count, end - std::max(from, range.first));
  }
  return std::min(count, count_);
}

std::vector<NumberRange> MissingNumbers::first_ranges() const {
  const auto first = std::min(first_kept_, kFirst);
  return {ranges_.begin(), ranges_.begin() + static_cast<std::ptrdiff_t>(first)};
}

}  // namespace metlog
