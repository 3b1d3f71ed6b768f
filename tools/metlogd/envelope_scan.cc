#include "tools/metlogd/envelope_scan.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "tools/metlogd/envelope_key.h"
#include "tools/metlogd/frame.h"
#include "tools/metlogd/plain_text_run.h"

namespace metlog {
namespace {

// Between two looks at the text's end the scan goes on by no more than a literal, a number of the
// longest kind and some signs, and then reads kRunStep bytes: all within the padding.
constexpr int kMostDigits = 17;
constexpr std::size_t kDeepest = 32;
static_assert(kMostDigits + 8 + kRunStep < kFramePadding);

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// One pass over a text. Every function goes on behind what it reads, and answers false when that
/// is not there or not usual.
class Scan {
 public:
  Scan(std::string_view text, std::size_t depth)
      : at_(text.data()), end_(at_ + text.size()), depth_(std::min(depth, kDeepest)) {}

  bool envelope(KnownHeads& heads, DecodedMessage& message);
  [[nodiscard]] bool is_ascii() const { return high_bits_ == 0; }

 private:
  bool take(char c) {
    if (*at_ != c) return false;
    ++at_;
    return true;
  }
  void skip_blank() { at_ += *at_ == ' '; }
  bool value_of(EnvelopeKey key, DecodedMessage& message);
  bool value(std::size_t level);
  bool object(std::size_t level);
  bool array(std::size_t level);
  bool text();
  bool escape();
  bool plain_text(std::string_view& value);
  bool literal(std::string_view word);
  bool digits(int& left);
  bool number();
  bool integer(std::int64_t& value);

  const char* at_;
  const char* const end_;
  const std::size_t depth_;
  unsigned high_bits_ = 0;
};

// What changes from one message of a sender to the next begins with the time: the head ends there.
bool Scan::envelope(KnownHeads& heads, DecodedMessage& message) {
  const std::string_view whole(at_, static_cast<std::size_t>(end_ - at_));
  const KnownHeads::Head* const known = heads.find(whole, message);
  unsigned seen = 0;
  std::size_t head_bytes = 0;
  unsigned head_seen = 0;
  unsigned head_high_bits = 0;
  if (known != nullptr) {
    at_ += known->bytes.size();
    seen = known->seen;
    high_bits_ = known->high_bits;
  } else if (!take('{')) {
    return false;
  }
  do {
    const char* const pair = at_;
    const unsigned high_bits_before = high_bits_;
    skip_blank();
    std::string_view name;
    if (!plain_text(name) || !take(':')) return false;
    skip_blank();
    const EnvelopeKey key = envelope_key(name);
    if ((seen & bit_of(key)) != 0) return false;
    if (key == EnvelopeKey::kTimestamp) {
      head_bytes = static_cast<std::size_t>(pair - whole.data());
      head_seen = seen;
      head_high_bits = high_bits_before;
    }
    seen |= bit_of(key);
    if (!value_of(key, message)) return false;
  } while (take(','));
  if (!take('}') || at_ != end_ || seen != kAllEnvelopeKeys) return false;
  // Not when nothing stands before the time: the brace alone is no head.
  if (known == nullptr && head_seen != 0) {
    heads.add(whole, head_bytes, head_seen, head_high_bits, message);
  }
  return true;
}

bool Scan::value_of(EnvelopeKey key, DecodedMessage& message) {
  switch (key) {
    case EnvelopeKey::kType:
      return plain_text(message.type);
    case EnvelopeKey::kTimestamp:
      return plain_text(message.timestamp);
    case EnvelopeKey::kLogger:
      return plain_text(message.logger);
    case EnvelopeKey::kSeverity:
      return integer(message.severity);
    case EnvelopeKey::kFields:
      return *at_ == '{' && value(2);
    case EnvelopeKey::kEnvVersion:
      return plain_text(message.env_version);
    case EnvelopeKey::kPid:
      return integer(message.pid);
    case EnvelopeKey::kHostname:
      return plain_text(message.hostname);
    default:
      return value(2);
  }
}

/// `level` counts the objects and arrays around the value, and itself if it is one.
bool Scan::value(std::size_t level) {
  if (at_ >= end_) return false;
  switch (*at_) {
    case '"':
      return text();
    case '{':
      return level < depth_ && object(level);
    case '[':
      return level < depth_ && array(level);
    case 't':
      return literal("true");
    case 'f':
      return literal("false");
    case 'n':
      return literal("null");
    default:
      return number();
  }
}

bool Scan::object(std::size_t level) {
  ++at_;
  if (take('}')) return true;
  do {
    skip_blank();
    if (!text() || !take(':')) return false;
    skip_blank();
    if (!value(level + 1)) return false;
  } while (take(','));
  return take('}');
}

bool Scan::array(std::size_t level) {
  ++at_;
  if (take(']')) return true;
  do {
    skip_blank();
    if (!value(level + 1)) return false;
  } while (take(','));
  return take(']');
}

bool Scan::text() {
  if (at_ >= end_ || !take('"')) return false;
  while (true) {
    at_ = end_of_plain_run(at_, end_, high_bits_);
    if (at_ >= end_) return false;
    if (take('"')) return true;
    if (!escape()) return false;
  }
}

/// Escaped surrogates are left to the parser, for only some pairs of them are right.
bool Scan::escape() {
  if (!take('\\')) return false;
  const char kind = *at_++;
  if (kind != 'u') return kind != '\0' && std::strchr("\"\\/bfnrt", kind) != nullptr;
  if (!std::all_of(at_, at_ + 4, is_hex)) return false;
  if ((at_[0] == 'd' || at_[0] == 'D') && at_[1] >= '8') return false;
  at_ += 4;
  return true;
}

bool Scan::plain_text(std::string_view& value) {
  if (at_ >= end_ || !take('"')) return false;
  const char* const begin = at_;
  at_ = end_of_plain_run(at_, end_, high_bits_);
  if (at_ >= end_ || *at_ != '"') return false;
  value = {begin, static_cast<std::size_t>(at_ - begin)};
  ++at_;
  return true;
}

bool Scan::literal(std::string_view word) {
  if (std::memcmp(at_, word.data(), word.size()) != 0) return false;
  at_ += word.size();
  return true;
}

/// At least one digit, and no more than are left.
bool Scan::digits(int& left) {
  const int before = left;
  for (; left > 0 && is_digit(*at_); --left) ++at_;
  return left < before && !is_digit(*at_);
}

/// Few enough digits, and an exponent of two at most, for any number to fit.
bool Scan::number() {
  int left = kMostDigits;
  if (take('-') && *at_ == '0') return false;
  if (*at_ == '0' && is_digit(at_[1])) return false;
  if (!digits(left)) return false;
  if (take('.') && !digits(left)) return false;
  if (*at_ != 'e' && *at_ != 'E') return true;
  ++at_;
  if (!take('-')) take('+');
  int exponent_left = 2;
  return digits(exponent_left);
}

bool Scan::integer(std::int64_t& value) {
  const char* const begin = at_;
  int left = kMostDigits;
  const bool negative = take('-');
  if (*at_ == '0' && (negative || is_digit(at_[1]))) return false;
  if (!digits(left) || *at_ == '.' || *at_ == 'e' || *at_ == 'E') return false;
  value = 0;
  for (const char* digit = begin + (negative ? 1 : 0); digit < at_; ++digit) {
    value = value * 10 + (*digit - '0');
  }
  if (negative) value = -value;
  return true;
}

}  // namespace

bool scan_envelope(std::string_view text, std::size_t depth, KnownHeads& heads,
                   DecodedMessage& message) {
  Scan scan(text, depth);
  if (!scan.envelope(heads, message)) return false;
  return scan.is_ascii() || simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace metlog
