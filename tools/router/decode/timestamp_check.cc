#include "tools/router/decode/timestamp_check.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>

namespace metlog {
namespace {

constexpr std::size_t kFractionBytes = 8;  // .ffffffZ, the end of the form that metlog writes
constexpr int kDayMinutes = 24 * 60;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// True for .ffffffZ, all eight bytes at once.
bool is_fraction(const char* at) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  std::uint64_t form;
  std::memcpy(&form, ".000000Z", sizeof form);
  word ^= form;  // digits are 0 to 9 now, and the bytes around them 0
  // Sets a byte's highest bit when it is larger. Only a byte with that bit carries into the next.
  constexpr std::uint64_t kToHighBit = 0x7f76'7676'7676'767f;
  return (((word + kToHighBit) | word) & 0x8080'8080'8080'8080) == 0;
}

/// Reads a string from its beginning. After the first mismatch nothing more is read.
class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}

  /// Reads a number of exactly `digits` digits that is at most `max`.
  int number(std::size_t digits, int max) {
    int value = 0;
    ok_ = ok_ && left_.size() >= digits &&
          std::all_of(left_.begin(), left_.begin() + digits, is_digit);
    if (!ok_) return 0;
    for (const char c : left_.substr(0, digits)) value = value * 10 + (c - '0');
    left_.remove_prefix(digits);
    ok_ = value <= max;
    return value;
  }
  /// Reads one of these characters and returns it; 0 when another is next.
  char try_one_of(std::string_view chars) {
    if (!ok_ || left_.empty() || chars.find(left_.front()) == std::string_view::npos) return 0;
    const char found = left_.front();
    left_.remove_prefix(1);
    return found;
  }
  void one_of(std::string_view chars) { ok_ = try_one_of(chars) != 0; }
  /// Reads one or more digits, which are returned.
  std::string_view digits() {
    const std::size_t end = std::min(left_.find_first_not_of("0123456789"), left_.size());
    ok_ = ok_ && end != 0;
    const std::string_view found = left_.substr(0, end);
    left_.remove_prefix(end);
    return found;
  }
  void require(bool condition) { ok_ = ok_ && condition; }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool is_at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
  bool ok_ = true;
};

/// Reads a date and returns its days since 1970.
std::int64_t read_date(Reader& reader) {
  const int year = reader.number(4, 9999);
  reader.one_of("-");
  const int month = reader.number(2, 12);
  reader.one_of("-");
  const int day = reader.number(2, 31);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  reader.require(date.ok());
  if (!date.ok()) return 0;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

/// Reads a zone, if there is one; returns its minutes ahead of UTC.
int read_zone(Reader& reader) {
  if (reader.is_at_end() || reader.try_one_of("Zz") != 0) return 0;
  const char sign = reader.try_one_of("+-");
  reader.require(sign != 0);
  const int hours = reader.number(2, 23);
  reader.try_one_of(":");
  const int minutes = hours * 60 + reader.number(2, 59);
  return sign == '-' ? -minutes : minutes;
}

/// The first nine digits of a fraction, as nanoseconds.
std::int64_t ns_of_fraction(std::string_view digits) {
  std::int64_t ns = 0;
  for (std::size_t i = 0; i < 9; ++i) ns = ns * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return ns;
}

/// A time stamp that exists.
struct Instant {
  std::int64_t minutes;  // since 1970, UTC
  std::int64_t ns;       // since then
};

std::optional<Instant> read_instant(std::string_view text) {
  Reader reader(text);
  const std::int64_t day = read_date(reader);
  reader.one_of("Tt ");
  const int hour = reader.number(2, 23);
  reader.one_of(":");
  const int minute = reader.number(2, 59);
  reader.one_of(":");
  const int second = reader.number(2, 60);
  std::string_view fraction;
  if (reader.try_one_of(".") != 0) fraction = reader.digits();
  const int utc_minute = hour * 60 + minute - read_zone(reader);
  if (second == 60) reader.require((utc_minute + 1) % kDayMinutes == 0);
  if (!reader.ok() || !reader.is_at_end()) return std::nullopt;
  return Instant{day * kDayMinutes + utc_minute,
                 second * std::int64_t{1'000'000'000} + ns_of_fraction(fraction)};
}

}  // namespace

bool TimestampCheck::is_valid(std::string_view text) {
  const bool has_wire_form =
      text.size() == kSecondBytes + kFractionBytes && is_fraction(text.data() + kSecondBytes);
  if (has_wire_form && std::memcmp(text.data(), last_second_.data(), kSecondBytes) == 0) {
    return true;
  }
  if (!read_instant(text).has_value()) return false;
  if (has_wire_form) text.copy(last_second_.data(), kSecondBytes);
  return true;
}

std::int64_t utc_ns_of_timestamp(std::string_view text) {
  constexpr std::int64_t kMinuteNs = 60'000'000'000;
  constexpr std::int64_t kMaxMinutes = std::numeric_limits<std::int64_t>::max() / kMinuteNs - 2;
  const std::optional<Instant> instant = read_instant(text);
  if (!instant.has_value()) return 0;
  return std::clamp(instant->minutes, -kMaxMinutes, kMaxMinutes) * kMinuteNs + instant->ns;
}

}  // namespace metlog
