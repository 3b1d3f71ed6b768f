#include "metlog/internal/text/statsd_text.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "metlog/internal/text/number_text.h"

namespace metlog {

char* append_statsd_name(char* out, std::string_view name, std::string_view excluded) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    if (name.substr(i, 2) == "::") {
      *out++ = '.';
      ++i;
    } else {
      const bool is_kept = c >= 0x20 && c != 0x7f && excluded.find(name[i]) == excluded.npos;
      *out++ = is_kept ? name[i] : '_';
    }
  }
  return out;
}

char* append_statsd_number(char* out, double value, bool is_whole) {
  constexpr double kMaxWhole = 1e15;
  is_whole = is_whole && std::abs(value) < kMaxWhole && value == std::trunc(value);
  return is_whole ? append_int(out, static_cast<std::int64_t>(value))
                  : append_fixed_double(out, value);
}

double leading_number(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return 0;
  text.remove_prefix(first);
  if (text.front() == '+') text.remove_prefix(1);
  double number = 0;
  const char* const text_end = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), text_end, number);
  // 0, or infinity, which from_chars() does not tell apart.
  if (error == std::errc::result_out_of_range) {
    return std::strtod(std::string(text.data(), end).c_str(), nullptr);
  }
  if (error != std::errc()) return 0;
  return std::isfinite(number) || end == text_end ? number : 0;
}

}  // namespace metlog
