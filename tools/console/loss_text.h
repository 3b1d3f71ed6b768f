#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "metlog/loss.h"
#include "metlog/value.h"
#include "tools/console/escape_for_terminal.h"

namespace metlog {

/// Calls `f(name, count)` for each count that is not zero, in the order of the enumeration Reason;
/// `counts` has one count for each of its values, and name_of() their names.
template <class Reason, std::size_t kCount, class F>
void each_count(const std::array<std::uint64_t, kCount>& counts, F f) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (counts[i] != 0) f(name_of(static_cast<Reason>(i)), counts[i]);
  }
}

/// The counts that are not zero, for a person: "no_receiver 3, too_big 1,204"; may be empty.
template <class Reason, std::size_t kCount>
std::string counts_text(const std::array<std::uint64_t, kCount>& counts) {
  std::string text;
  each_count<Reason>(counts, [&text](std::string_view name, std::uint64_t count) {
    text.append(text.empty() ? "" : ", ").append(name).append(" ").append(grouped(count));
  });
  return text;
}

/// The counts that are not zero, for JSON: {"no_receiver": 3, "too_big": 1204}.
template <class Reason, std::size_t kCount>
ValueMap counts_value(const std::array<std::uint64_t, kCount>& counts) {
  ValueMap map;
  each_count<Reason>(counts,
                     [&map](std::string_view name, std::uint64_t count) { map.set(name, count); });
  return map;
}

/// Returns how far the sum of `parts` is from `total`. 0 is right: every message has an account.
constexpr std::uint64_t imbalance(std::uint64_t total, std::initializer_list<std::uint64_t> parts) {
  std::uint64_t sum = 0;
  for (const std::uint64_t part : parts) sum += part;
  return sum > total ? sum - total : total - sum;
}

/// counts_text() of the losses.
std::string loss_text(const LossCounts& lost);

/// counts_value() of the losses.
ValueMap loss_counts(const LossCounts& lost);

/// Advice against the most frequent reason, without a full stop.
std::string loss_advice(const LossCounts& lost);

}  // namespace metlog
