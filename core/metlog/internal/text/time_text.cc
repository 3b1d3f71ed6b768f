#include "metlog/internal/text/time_text.h"

#include "metlog/internal/site/time_value.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/timestamp_text.h"

namespace metlog {
namespace {

std::int64_t ticks_of_second(char unit) {
  switch (unit) {
    case 'n':
      return 1'000'000'000;
    case 'u':
      return 1'000'000;
    case 'm':
      return 1'000;
    default:
      return 1;
  }
}

std::string_view unit_text(char unit) {
  switch (unit) {
    case 'n':
      return "ns";
    case 'u':
      return "us";
    case 'm':
      return "ms";
    case 'M':
      return "min";
    case 'h':
      return "h";
    case 'd':
      return "d";
    default:
      return "s";
  }
}

bool take_mark(std::string_view& code, char mark) {
  if (code.empty() || code.front() != mark) return false;
  code.remove_prefix(1);
  return true;
}

TimeZone take_zone(std::string_view& code) {
  return take_mark(code, '~') ? TimeZone::kLocal : TimeZone::kUtc;
}

char* append_utc(char* out, std::int64_t utc_ns) {
  TimestampText text;
  return text.append(out, utc_ns);
}

std::int64_t unit_seconds(char unit) {
  switch (unit) {
    case 'M':
      return 60;
    case 'h':
      return 3'600;
    case 'd':
      return 86'400;
    default:
      return 1;
  }
}

// Writes the time that is a count of units after the epoch.
char* append_counted_time(char* out, std::string_view& code, std::int64_t count) {
  const char unit = take_letter(code);
  const TimeZone zone = take_zone(code);
  const std::int64_t of_second = ticks_of_second(unit);
  if (of_second == 1) return append_date_time(out, Int128{count} * unit_seconds(unit), 0, zone);
  std::int64_t seconds = count / of_second;
  std::int64_t rest = count % of_second;
  if (rest < 0) {
    rest += of_second;
    --seconds;
  }
  return append_date_time(out, seconds, rest * (1'000'000'000 / of_second), zone);
}

char* append_wide_time(char* out, std::string_view& code, WideTime time) {
  const TimeZone zone = take_zone(code);
  switch (time.ns) {
    case WideTime::kNan:
      return append_plain_text(out, "nan");
    case WideTime::kInfinity:
      return append_plain_text(out, "inf");
    case WideTime::kMinusInfinity:
      return append_plain_text(out, "-inf");
    case WideTime::kAfter:
      return append_date_time(append_plain_text(out, "after "), INT64_MAX, 0, zone);
    case WideTime::kBefore:
      return append_date_time(append_plain_text(out, "before "), INT64_MIN, 0, zone);
    default:  // of a damaged record: any
      return append_date_time(
          out, time.seconds,
          static_cast<std::int64_t>(static_cast<std::uint64_t>(time.ns) % 1'000'000'000), zone);
  }
}

char* append_unit(char* out, std::string_view& code) {
  out = append_plain_text(out, unit_text(take_letter(code)));
  return take_mark(code, '@') ? append_plain_text(out, " since epoch") : out;
}

}  // namespace

char* append_time_value(char* out, char letter, std::string_view& code, ByteCursor& bytes) {
  switch (letter) {
    case 'D':
      out = append_int(out, bytes.take<std::int64_t>());
      return append_unit(out, code);
    case 'E':
      out = append_text_double(out, bytes.take<double>());
      return append_unit(out, code);
    case 'J':
      out = append_int128(out, bytes.take<Int128>());
      return append_unit(out, code);
    case 'Q':
      out = append_text_double(out, take_long_real(bytes));
      return append_unit(out, code);
    case 'T':
      return append_utc(out, bytes.take<std::int64_t>());
    case 'U':
      return append_counted_time(out, code, bytes.take<std::int64_t>());
    case 't':
      return append_wide_time(out, code, WideTime::of_bits(bytes.take<Uint128>()));
    default:
      return nullptr;
  }
}

void skip_time_code(char letter, std::string_view& code) {
  switch (letter) {
    case 'D':
    case 'E':
    case 'J':
    case 'Q':
      take_letter(code);
      take_mark(code, '@');
      return;
    case 'U':
      take_letter(code);
      take_zone(code);
      return;
    case 't':
      take_zone(code);
      return;
    default:
      return;
  }
}

}  // namespace metlog
