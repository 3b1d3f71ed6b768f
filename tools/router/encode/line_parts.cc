#include "tools/router/encode/line_parts.h"

#include <algorithm>
#include <ctime>

#include "metlog/internal/text/line_text.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/syslog_text.h"

namespace metlog {

void append_number(std::string& out, std::int64_t number) {
  char digits[kMaxIntBytes];
  out.append(digits, append_int(digits, number));
}

void append_escaped_text(std::string& out, std::string_view text) {
  const std::size_t begin = out.size();
  out.resize(begin + kLineTextGrowth * text.size());
  const char* const end = append_line_text(out.data() + begin, text);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

void append_reversible_text(std::string& out, std::string_view text) {
  const std::size_t begin = out.size();
  out.resize(begin + kLineTextGrowth * text.size());
  const char* const end = append_reversible_text(out.data() + begin, text);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

void append_param_value(std::string& out, std::string_view json) {
  const JsonValue value = read_json_value(json);
  const bool is_text = value.kind == JsonValue::Kind::kText;
  const std::string_view text = is_text ? value.text : without_whitespace(json);
  const std::size_t begin = out.size();
  out.resize(begin + kParamTextGrowth * text.size());
  char* const value_begin = out.data() + begin;
  const char* const end =
      is_text ? append_param_text(value_begin, text) : append_param_json(value_begin, text);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

void put_backslashes(std::string& out, std::size_t begin, std::string_view before) {
  std::size_t next = out.find_first_of(before, begin);
  if (next == std::string::npos) return;
  const std::string text = out.substr(next);
  out.resize(next);
  for (const char byte : text) {
    if (before.find(byte) != std::string_view::npos) out += '\\';
    out += byte;
  }
}

void append_ascii_name(std::string& out, std::string_view name, std::size_t max_bytes,
                       std::string_view excluded, std::string_view absent) {
  const std::size_t begin = out.size();
  out.resize(begin + std::max(name.size(), absent.size()));
  const char* const end = append_ascii_name(out.data() + begin, name, max_bytes, excluded, absent);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

std::string_view key_text(const JsonMember& member) {
  if (!member.key_has_escapes) return member.key;
  thread_local std::string text;
  text.clear();
  append_unescaped(text, member.key);
  return text;
}

void SyslogTime::append(std::string& out, std::int64_t utc_ns) {
  constexpr std::int64_t kSecondNs = 1'000'000'000;
  const std::int64_t second = utc_ns / kSecondNs - (utc_ns % kSecondNs < 0 ? 1 : 0);
  if (second != second_) {
    second_ = second;
    const auto time = static_cast<std::time_t>(second);
    std::tm parts{};
    if (zone_ == TimeZone::kLocal) {
      ::localtime_r(&time, &parts);
    } else {
      ::gmtime_r(&time, &parts);
    }
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    text_ = kMonths.substr(static_cast<std::size_t>(parts.tm_mon) * 3, 3);
    const auto append_two = [this](int number, char fill) {
      text_ += number < 10 ? fill : static_cast<char>('0' + number / 10);
      text_ += static_cast<char>('0' + number % 10);
    };
    text_ += ' ';
    append_two(parts.tm_mday, ' ');
    text_ += ' ';
    append_two(parts.tm_hour, '0');
    text_ += ':';
    append_two(parts.tm_min, '0');
    text_ += ':';
    append_two(parts.tm_sec, '0');
  }
  out += text_;
}

bool commit_line(const std::string& line, Batch& batch) {
  batch.commit(std::copy(line.begin(), line.end(), batch.reserve(line.size())),
               Batch::Origin::kUser);
  return true;
}

}  // namespace metlog
