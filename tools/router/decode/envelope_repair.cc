#include "tools/router/decode/envelope_repair.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "metlog/internal/text/timestamp_text.h"
#include "tools/router/decode/envelope_key.h"
#include "tools/router/decode/json_value.h"
#include "tools/router/decode/timestamp_check.h"

namespace metlog {
namespace {

constexpr std::string_view kReplacement = "\\ufffd";
constexpr std::size_t kEscapeBytes = 6;  // of \uXXXX

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// The code unit of the \uXXXX at the beginning of the text.
std::optional<unsigned> escaped_unit(std::string_view text) {
  if (text.size() < kEscapeBytes || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  unsigned unit = 0;
  const char* const end = text.data() + kEscapeBytes;
  if (std::from_chars(text.data() + 2, end, unit, 16).ptr != end) return std::nullopt;
  return unit;
}

bool is_high_surrogate(unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; }

/// Repairs a text token by token.
class TokenRepair {
 public:
  TokenRepair(std::string_view text, RepairedJson& out, Repairs& repairs)
      : rest_(text), out_(out), repairs_(repairs) {}

  bool run() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '"') {
        string();
      } else if (c == '-' || is_digit(c)) {
        number();
      } else if (is_letter(c)) {
        word();
      } else {
        copy(1);
      }
    }
    return has_changed_;
  }

 private:
  void put(std::string_view text, std::string_view parsable) {
    out_.text += text;
    out_.parsable += parsable;
  }
  void copy(std::size_t size) {
    put(rest_.substr(0, size), rest_.substr(0, size));
    rest_.remove_prefix(std::min(size, rest_.size()));
  }
  void replace(std::size_t size, std::string_view by, Repair repair) {
    put(by, by);
    rest_.remove_prefix(size);
    repairs_.add(repair);
    has_changed_ = true;
  }

  void string() {
    copy(1);
    while (!rest_.empty()) {
      const std::size_t plain = std::min(rest_.find_first_of("\"\\"), rest_.size());
      copy(plain);
      if (rest_.empty()) return;
      if (rest_.front() == '"') return copy(1);
      escape();
    }
  }

  void escape() {
    const std::optional<unsigned> unit = escaped_unit(rest_);
    if (!unit.has_value()) return copy(2);
    const std::optional<unsigned> next = escaped_unit(rest_.substr(kEscapeBytes));
    if (is_high_surrogate(*unit) && next.has_value() && is_low_surrogate(*next)) {
      return copy(2 * kEscapeBytes);
    }
    if (!is_high_surrogate(*unit) && !is_low_surrogate(*unit)) return copy(kEscapeBytes);
    replace(kEscapeBytes, kReplacement, Repair::kLoneSurrogate);
  }

  void number() {
    constexpr std::size_t kMaxDigits = 300;  // that a double holds
    if (rest_.starts_with("-Infinity")) return word();
    const std::size_t size = std::min(rest_.find_first_not_of("+-.eE0123456789"), rest_.size());
    const std::string_view token = rest_.substr(0, size);
    const std::string_view digits = token.substr(token.front() == '-' ? 1 : 0);
    const bool is_integer = std::all_of(digits.begin(), digits.end(), is_digit);
    if (!is_integer || digits.empty() || digits.front() == '0' || digits.size() > kMaxDigits ||
        fits_64_bits(token)) {
      return copy(size);
    }
    put(token, token);
    out_.parsable += "e0";
    rest_.remove_prefix(size);
    has_changed_ = true;
  }

  static bool fits_64_bits(std::string_view integer) {
    std::int64_t with_sign = 0;
    std::uint64_t without = 0;
    const char* const begin = integer.data();
    const char* const end = begin + integer.size();
    return std::from_chars(begin, end, with_sign).ec == std::errc() ||
           std::from_chars(begin, end, without).ec == std::errc();
  }

  void word() {
    const std::size_t sign = rest_.front() == '-' ? 1 : 0;
    std::size_t size = sign;
    while (size < rest_.size() && is_letter(rest_[size])) ++size;
    const std::string_view name = rest_.substr(sign, size - sign);
    if (name == "Infinity" || (name == "NaN" && sign == 0)) {
      return replace(size, "null", Repair::kNotANumber);
    }
    copy(size);
  }

  std::string_view rest_;
  RepairedJson& out_;
  Repairs& repairs_;
  bool has_changed_ = false;
};

}  // namespace

bool repair_tokens(std::string_view text, RepairedJson& repaired, Repairs& repairs) {
  repaired.text.clear();
  repaired.parsable.clear();
  return TokenRepair(text, repaired, repairs).run();
}

namespace {

constexpr std::string_view kOriginalTimestamp = "original_timestamp";

struct Member {
  std::string_view key;
  std::string_view value;
};
using Members = std::vector<Member>;

Members members_of(std::string_view object) {
  Members members;
  JsonMembers all(object);
  for (JsonMember member; all.next(member);) members.push_back({member.key, member.value});
  return members;
}

Member* find(Members& members, std::string_view key) {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [key](const Member& member) { return member.key == key; });
  return found == members.end() ? nullptr : &*found;
}

/// Gives the first member that has one of the names the name `key`, if there is none of that.
bool rename(Members& members, std::string_view key, std::initializer_list<std::string_view> names) {
  if (find(members, key) != nullptr) return false;
  for (const std::string_view name : names) {
    if (Member* const member = find(members, name)) {
      member->key = key;
      return true;
    }
  }
  return false;
}

/// Replaces an event of logstash by the message in it. What a message of its own has no key for
/// stays behind the message.
bool take_fields(Members& members) {
  const Member* const fields = find(members, "@fields");
  if (fields == nullptr || !fields->value.starts_with('{') || find(members, "fields") != nullptr) {
    return false;
  }
  Members taken = members_of(fields->value);
  for (const Member& member : members) {
    if (member.key != "@fields" && find(taken, member.key) == nullptr) taken.push_back(member);
  }
  members = std::move(taken);
  rename(members, "type", {"@type"});
  rename(members, "timestamp", {"@timestamp"});
  rename(members, "payload", {"@message"});
  rename(members, "metlog_hostname", {"@source_host"});
  return true;
}

/// The integer that a text or a double is; nothing for what is one already, or none.
std::optional<std::int64_t> integer_in_disguise(std::string_view json) {
  const JsonValue value = read_json_value(json);
  if (value.kind == JsonValue::Kind::kText) {
    std::int64_t integer = 0;
    const char* const end = value.text.data() + value.text.size();
    const auto [at, error] = std::from_chars(value.text.data(), end, integer);
    if (error != std::errc() || at != end) return std::nullopt;
    return integer;
  }
  constexpr double kExact = 9'007'199'254'740'992;  // 2^53
  if (value.kind != JsonValue::Kind::kNumber || value.is_integer ||
      std::trunc(value.number) != value.number || std::abs(value.number) > kExact) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(value.number);
}

/// UTC nanoseconds of a count since 1970 whose unit its size shows: each is right from 1973 on, in
/// seconds up to the year 5138. Nothing for another value.
std::optional<std::int64_t> ns_since_1970(const JsonValue& value) {
  if (value.kind != JsonValue::Kind::kNumber || !(value.number > 0)) return std::nullopt;
  double unit_ns = 1e9;
  for (const double limit : {1e11, 1e14, 1e17}) {
    if (value.number >= limit) unit_ns /= 1e3;
  }
  if (value.is_integer) {
    if (value.integer >
        std::numeric_limits<std::int64_t>::max() / static_cast<std::int64_t>(unit_ns))
      return std::nullopt;
    return value.integer * static_cast<std::int64_t>(unit_ns);
  }
  const double ns = value.number * unit_ns;
  if (ns >= 9.2e18) return std::nullopt;
  return static_cast<std::int64_t>(ns);
}

/// Writes the members as an object, with other values for some.
class EnvelopeWriter {
 public:
  EnvelopeWriter(const TimestampRepair& timestamp, std::string& out, Repairs& repairs)
      : timestamp_(timestamp), out_(out), repairs_(repairs) {}

  /// True when a value was repaired.
  bool write(const Members& members) {
    out_.assign(1, '{');
    has_original_ = std::any_of(members.begin(), members.end(), [](const Member& member) {
      return member.key == kOriginalTimestamp;
    });
    for (const Member& member : members) put(member);
    out_ += '}';
    return has_changed_;
  }

 private:
  void put(const Member& member) {
    switch (envelope_key(member.key)) {
      case EnvelopeKey::kSeverity:
      case EnvelopeKey::kPid:
        if (const std::optional<std::int64_t> integer = integer_in_disguise(member.value)) {
          append(member.key, std::to_string(*integer));
          return note(Repair::kNumberAsText);
        }
        break;
      case EnvelopeKey::kTimestamp:
        if (timestamp_.is_wanted && !is_timestamp(member.value)) return put_timestamp(member);
        break;
      default:
        break;
    }
    append(member.key, member.value);
  }

  static bool is_timestamp(std::string_view json) {
    const JsonValue value = read_json_value(json);
    return value.kind == JsonValue::Kind::kText && TimestampCheck().is_valid(value.text);
  }

  void put_timestamp(const Member& member) {
    const std::int64_t ns =
        ns_since_1970(read_json_value(member.value)).value_or(timestamp_.now_ns);
    std::string text(TimestampText::kBytes + 2, '"');
    TimestampText().append(text.data() + 1, ns);
    append(member.key, text);
    if (!has_original_) append(kOriginalTimestamp, member.value);
    note(Repair::kTimestamp);
  }

  void append(std::string_view key, std::string_view value) {
    if (out_.size() > 1) out_ += ',';
    out_.append("\"").append(key).append("\":").append(value);
  }
  void note(Repair repair) {
    repairs_.add(repair);
    has_changed_ = true;
  }

  const TimestampRepair timestamp_;
  std::string& out_;
  Repairs& repairs_;
  bool has_original_ = false;
  bool has_changed_ = false;
};

}  // namespace

bool rewrite_envelope(std::string_view object, const TimestampRepair& timestamp,
                      std::string& rewritten, Repairs& repairs) {
  if (!object.starts_with('{')) return false;
  Members members = members_of(object);
  bool has_changed = take_fields(members);
  if (has_changed) repairs.add(Repair::kLogstashForm);
  const bool has_heka_pid = rename(members, "metlog_pid", {"heka_pid", "pid"});
  const bool has_heka_host = rename(members, "metlog_hostname", {"heka_hostname", "hostname"});
  if (has_heka_pid || has_heka_host) repairs.add(Repair::kHekaKeys);
  has_changed |= has_heka_pid || has_heka_host;
  return EnvelopeWriter(timestamp, rewritten, repairs).write(members) || has_changed;
}

}  // namespace metlog
