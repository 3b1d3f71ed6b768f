#include "metlog/internal/text/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"

namespace metlog {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::size_t kKibi = 1024;
constexpr std::array<std::string_view, 5> kByteUnits = {"", "k", "m", "g", "t"};  // powers of kKibi

constexpr std::int64_t kSecond = 1'000'000'000;
// The unit that a duration is shown in is the first that divides it.
constexpr std::array kDurationUnits = {Unit{"d", 86'400 * kSecond}, Unit{"h", 3'600 * kSecond},
                                       Unit{"m", 60 * kSecond},     Unit{"min", 60 * kSecond},
                                       Unit{"s", kSecond},          Unit{"ms", 1'000'000},
                                       Unit{"us", 1'000},           Unit{"ns", 1}};
constexpr double kLongestNs = 100 * 365.25 * 86'400e9;

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return lowered;
}

/// What is left of a text behind the number that it begins with, blanks removed.
std::string_view unit_after(std::string_view text, const char* end) {
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

}  // namespace

std::optional<std::size_t> parse_bytes(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  std::string unit = lower(unit_after(text, end));
  if (unit.ends_with("ib") && unit.size() == 3) {
    unit.resize(1);
  } else if (unit.ends_with('b')) {
    unit.pop_back();
  }
  const auto found = std::find(kByteUnits.begin(), kByteUnits.end(), unit);
  if (found == kByteUnits.end()) return std::nullopt;
  for (auto power = kByteUnits.begin(); power != found; ++power) {
    if (number > std::numeric_limits<std::uint64_t>::max() / kKibi) return std::nullopt;
    number *= kKibi;
  }
  return number;
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  const std::string unit = lower(unit_after(text, end));
  if (unit.empty() && number == 0) return std::chrono::nanoseconds(0);
  const auto found = std::find_if(kDurationUnits.begin(), kDurationUnits.end(),
                                  [&unit](const Unit& known) { return known.name == unit; });
  if (found == kDurationUnits.end()) return std::nullopt;
  number *= static_cast<double>(found->factor);
  if (number > kLongestNs) return std::nullopt;
  return std::chrono::nanoseconds(std::llround(number));
}

std::string bytes_text(std::size_t bytes) {
  std::size_t power = 0;
  while (bytes != 0 && bytes % kKibi == 0 && power + 1 < kByteUnits.size()) {
    bytes /= kKibi;
    ++power;
  }
  constexpr std::array<std::string_view, 5> kNames = {"B", "KiB", "MiB", "GiB", "TiB"};
  return absl::StrCat(bytes, absl::string_view(kNames[power].data(), kNames[power].size()));
}

std::string duration_text(std::chrono::nanoseconds duration) {
  if (duration.count() == 0) return "0";
  const auto unit = std::find_if(kDurationUnits.begin(), kDurationUnits.end(),
                                 [&](const Unit& u) { return duration.count() % u.factor == 0; });
  return absl::StrCat(duration.count() / unit->factor,
                      absl::string_view(unit->name.data(), unit->name.size()));
}

}  // namespace metlog
