#include "tools/router/decode/envelope_scan.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "tools/router/decode/envelope_key.h"
#include "tools/router/decode/value_scan.h"

namespace metlog {
namespace {

/// What another message of the same sender has another value of.
constexpr bool changes(EnvelopeKey key) {
  return key == EnvelopeKey::kTimestamp || key == EnvelopeKey::kPayload ||
         key == EnvelopeKey::kFields || key == EnvelopeKey::kOther;
}

const char* skip_blank(const char* at) { return at + (*at == ' ' ? 1 : 0); }

/// A whole number in a text of at most sixteen digits; null when it is another.
const char* integer(const char* at, std::int64_t& value) {
  constexpr unsigned kMaxDigits = 16;
  const bool negative = *at == '-';
  at += negative ? 1 : 0;
  unsigned count = leading_digits(at);
  if (count == 8) count += leading_digits(at + 8);
  const char behind = at[count];
  if (count == 0 || (*at == '0' && (negative || count > 1)) || behind == '.' || behind == 'e' ||
      behind == 'E' || count == kMaxDigits) {
    return nullptr;
  }
  value = 0;
  for (; count > 0; --count) value = value * 10 + (*at++ - '0');
  if (negative) value = -value;
  return at;
}

/// One pass over an envelope. Every function goes on at `at`, and answers where the thing it reads
/// ends; null when that is not there or not usual.
class EnvelopeScan {
 public:
  EnvelopeScan(std::string_view text, std::size_t depth, MemberRunCache& known,
               DecodedMessage& message)
      : begin_(text.data()),
        known_(known),
        message_(message),
        values_{begin_ + text.size(), std::min(depth, kDeepestScan)} {}

  bool is_envelope();
  [[nodiscard]] const ValueScan& values() const { return values_; }

 private:
  /// Pairs on end that are to be remembered.
  struct Run {
    const char* begin = nullptr;  // null: none is being read
    unsigned before = 0;          // the keys before it
    unsigned high_bits_before = 0;
  };

  const char* known_run(const char* pair, unsigned& seen);
  void end_run(Run& run, const char* end, unsigned seen);
  const char* name(const char* at, EnvelopeKey& key);
  const char* value_of(EnvelopeKey key, const char* at);
  const char* time(const char* at);

  const char* const begin_;
  MemberRunCache& known_;
  DecodedMessage& message_;
  ValueScan values_;
};

// Pairs that seldom change from one message of a sender to the next are read as runs, each once.
bool EnvelopeScan::is_envelope() {
  const char* at = begin_;
  if (*at != '{') return false;
  unsigned seen = 0;
  Run run;
  do {
    const char* const pair = ++at;
    EnvelopeKey key{};
    at = name(pair, key);
    if (at == nullptr || (seen & bit_of(key)) != 0) return false;
    if (changes(key)) {
      if (run.begin != nullptr) end_run(run, pair - 1, seen);
    } else if (run.begin == nullptr) {
      if (const char* const behind = known_run(pair, seen)) {
        at = behind;
        continue;
      }
      run = {pair, seen, std::exchange(values_.high_bits, 0U)};
    }
    seen |= bit_of(key);
    at = value_of(key, at);
    if (at == nullptr) return false;
  } while (*at == ',');
  if (run.begin != nullptr) end_run(run, at, seen);
  return *at == '}' && at + 1 == values_.end && seen == kAllEnvelopeKeys;
}

/// Behind the run that begins at this pair, if it was read before and none of its keys is there
/// already.
const char* EnvelopeScan::known_run(const char* pair, unsigned& seen) {
  const std::string_view text(pair, static_cast<std::size_t>(values_.end - pair));
  const MemberRunCache::Run* const found = known_.find(text, seen, message_);
  if (found == nullptr) return nullptr;
  seen |= found->seen;
  values_.high_bits |= found->high_bits;
  return pair + found->bytes.size();
}

void EnvelopeScan::end_run(Run& run, const char* end, unsigned seen) {
  known_.add({run.begin, static_cast<std::size_t>(end - run.begin)}, run.before, seen & ~run.before,
             values_.high_bits, message_);
  values_.high_bits |= run.high_bits_before;
  run.begin = nullptr;
}

/// A key of the envelope, and the colon behind it.
const char* EnvelopeScan::name(const char* at, EnvelopeKey& key) {
  std::string_view text;
  at = scan_plain_text(skip_blank(at), values_, text);
  if (at == nullptr || *at != ':') return nullptr;
  key = envelope_key(text);
  return skip_blank(at + 1);
}

const char* EnvelopeScan::time(const char* at) {
  const char* const end = scan_plain_text(at, values_, message_.timestamp);
  if (end != nullptr) values_.leaves.note(at, end);
  return end;
}

const char* EnvelopeScan::value_of(EnvelopeKey key, const char* at) {
  switch (key) {
    case EnvelopeKey::kType:
      return scan_plain_text(at, values_, message_.type);
    case EnvelopeKey::kTimestamp:
      return time(at);
    case EnvelopeKey::kLogger:
      return scan_plain_text(at, values_, message_.logger);
    case EnvelopeKey::kSeverity:
      return integer(at, message_.severity);
    case EnvelopeKey::kFields:
      return *at == '{' ? scan_value(at, values_, 2) : nullptr;
    case EnvelopeKey::kEnvVersion:
      return scan_plain_text(at, values_, message_.env_version);
    case EnvelopeKey::kPid:
      return integer(at, message_.pid);
    case EnvelopeKey::kHostname:
      return scan_plain_text(at, values_, message_.hostname);
    default:
      return scan_value(at, values_, 2);
  }
}

}  // namespace

bool scan_envelope(std::string_view text, std::size_t depth, EnvelopeCache& known,
                   DecodedMessage& message) {
  const auto is_right = [text](unsigned high_bits) {
    return high_bits == 0 || simdjson::validate_utf8(text.data(), text.size());
  };
  unsigned high_bits = 0;
  if (known.shapes.read(text, message, high_bits)) return is_right(high_bits);
  EnvelopeScan scan(text, depth, known.pairs, message);
  if (!scan.is_envelope() || !is_right(scan.values().high_bits)) return false;
  known.shapes.learn(text, scan.values().leaves, message);
  return true;
}

}  // namespace metlog
