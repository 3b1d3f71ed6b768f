#include "tools/metlog/tune/report/figure_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace metlog {
namespace {

std::string three_digits(double value) {
  if (value <= 0) return "0";
  if (value < 9.995) return fmt::format("{:.2f}", value);
  if (value < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

}  // namespace

std::string time_text(double ns) {
  if (ns < 999.5) return three_digits(ns) + " ns";
  if (ns < 999.5e3) return three_digits(ns / 1e3) + " us";
  if (ns < 999.5e6) return three_digits(ns / 1e6) + " ms";
  return three_digits(ns / 1e9) + " s";
}

std::string count_text(double count) {
  if (count < 999.5) return fmt::format("{:.0f}", std::max(count, 0.0));
  if (count < 999.5e3) return three_digits(count / 1e3) + " k";
  return three_digits(count / 1e6) + " M";
}

std::string memory_text(std::uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace metlog
