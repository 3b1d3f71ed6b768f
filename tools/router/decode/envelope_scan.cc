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

/// True for keys whose values differ between messages of one sender.
constexpr bool changes(EnvelopeKey key) {
  return key == EnvelopeKey::kTimestamp || key == EnvelopeKey::kPayload ||
         key == EnvelopeKey::kFields || key == EnvelopeKey::kOther;
}

const char* skip_space(const char* at) { return at + (*at == ' ' ? 1 : 0); }

/// Reads an integer of fewer than sixteen digits; null for any other value.
const char* integer(const char* at, std::int64_t& value) {
  constexpr unsigned kMaxDigits = 16;
  const bool negative = *at == '-';
  at += negative ? 1 : 0;
  unsigned count = leading_digits(at);
  if (count == 8) count += leading_digits(at + 8);
  const char next = at[count];
  if (count == 0 || (*at == '0' && (negative || count > 1)) || next == '.' || next == 'e' ||
      next == 'E' || count == kMaxDigits) {
    return nullptr;
  }
  value = 0;
  for (; count > 0; --count) value = value * 10 + (*at++ - '0');
  if (negative) value = -value;
  return at;
}

/// One pass over an envelope. Each function reads a part at `at` and returns its end; null when the
/// part is missing or outside the fast path.
class EnvelopeScan {
 public:
  EnvelopeScan(std::string_view text, std::size_t depth, MemberRunCache& member_runs,
               DecodedMessage& message)
      : begin_(text.data()),
        member_runs_(member_runs),
        message_(message),
        values_{begin_ + text.size(), std::min(depth, kMaxScanDepth)} {}

  bool is_envelope();
  [[nodiscard]] const ValueScan& values() const { return values_; }
  /// Gives the message the places of payload and fields.
  void store_places(MessageMemory& memory);

 private:
  /// Consecutive members that are being read and will be cached.
  struct Run {
    const char* begin = nullptr;  // null when none is being read
    unsigned before = 0;          // the keys before it
    unsigned high_bits_before = 0;
  };

  const char* known_run(const char* member, unsigned& seen);
  void end_run(Run& run, const char* end, unsigned seen);
  const char* name(const char* at, EnvelopeKey& key, ScannedKeys& other_keys);
  const char* value_of(EnvelopeKey key, const char* at);
  const char* time(const char* at);
  const char* payload(const char* at);

  const char* const begin_;
  MemberRunCache& member_runs_;
  DecodedMessage& message_;
  ValueScan values_;
  std::string_view payload_;
  ScannedMembers fields_;
};

// Members that rarely change from one message of a sender to the next are cached in runs.
bool EnvelopeScan::is_envelope() {
  const char* at = begin_;
  if (*at != '{') return false;
  unsigned seen = 0;
  ScannedKeys other_keys;
  Run run;
  do {
    const char* const member = ++at;
    EnvelopeKey key{};
    at = name(member, key, other_keys);
    if (at == nullptr || (seen & bit_of(key)) != 0) return false;
    if (changes(key)) {
      if (run.begin != nullptr) end_run(run, member - 1, seen);
    } else if (run.begin == nullptr) {
      if (const char* const end = known_run(member, seen)) {
        at = end;
        continue;
      }
      run = {member, seen, std::exchange(values_.high_bits, 0U)};
    }
    seen |= bit_of(key);
    at = value_of(key, at);
    if (at == nullptr) return false;
  } while (*at == ',');
  if (run.begin != nullptr) end_run(run, at, seen);
  return *at == '}' && at + 1 == values_.end && seen == kAllEnvelopeKeys;
}

/// Returns the end of a cached run that begins at this member; null when there is none after the
/// keys `seen`.
const char* EnvelopeScan::known_run(const char* member, unsigned& seen) {
  const std::string_view text(member, static_cast<std::size_t>(values_.end - member));
  const MemberRunCache::Run* const found = member_runs_.find(text, seen, message_);
  if (found == nullptr) return nullptr;
  seen |= found->seen;
  values_.high_bits |= found->high_bits;
  return member + found->bytes.size();
}

void EnvelopeScan::end_run(Run& run, const char* end, unsigned seen) {
  member_runs_.add({run.begin, static_cast<std::size_t>(end - run.begin)}, run.before,
                   seen & ~run.before, values_.high_bits, message_);
  values_.high_bits |= run.high_bits_before;
  run.begin = nullptr;
}

/// Reads a key and the colon after it; null also when it is none of the nine and was there before.
const char* EnvelopeScan::name(const char* at, EnvelopeKey& key, ScannedKeys& other_keys) {
  std::string_view text;
  at = scan_plain_string(skip_space(at), values_, text);
  if (at == nullptr || *at != ':') return nullptr;
  key = envelope_key(text);
  if (key == EnvelopeKey::kOther && !other_keys.add(text)) return nullptr;
  return skip_space(at + 1);
}

const char* EnvelopeScan::time(const char* at) {
  const char* const end = scan_plain_string(at, values_, message_.timestamp);
  if (end != nullptr) values_.scalars.add(at, end);
  return end;
}

const char* EnvelopeScan::payload(const char* at) {
  const char* const end = scan_value(at, values_, 2);
  if (end != nullptr) payload_ = {at, static_cast<std::size_t>(end - at)};
  return end;
}

void EnvelopeScan::store_places(MessageMemory& memory) {
  PlacesInText places(message_.raw);
  places.set_payload(payload_);
  auto* const fields = memory.reserve<FieldPlace>(fields_.count());
  for (std::size_t i = 0; i < fields_.count(); ++i) {
    fields[i] = places.field(fields_.key(i), fields_.value(i));
  }
  memory.take<FieldPlace>(fields_.count());
  places.store(fields, fields_.count(), memory, message_);
}

const char* EnvelopeScan::value_of(EnvelopeKey key, const char* at) {
  switch (key) {
    case EnvelopeKey::kType:
      return scan_plain_string(at, values_, message_.type);
    case EnvelopeKey::kTimestamp:
      return time(at);
    case EnvelopeKey::kLogger:
      return scan_plain_string(at, values_, message_.logger);
    case EnvelopeKey::kSeverity:
      return integer(at, message_.severity);
    case EnvelopeKey::kPayload:
      return payload(at);
    case EnvelopeKey::kFields:
      return scan_members(at, values_, 2, fields_);
    case EnvelopeKey::kEnvVersion:
      return scan_plain_string(at, values_, message_.env_version);
    case EnvelopeKey::kPid:
      return integer(at, message_.pid);
    case EnvelopeKey::kHostname:
      return scan_plain_string(at, values_, message_.hostname);
    default:
      return scan_value(at, values_, 2);
  }
}

}  // namespace

bool scan_envelope(std::string_view text, std::size_t depth, EnvelopeCache& cache,
                   DecodedMessage& message, MessageMemory& memory) {
  const auto is_utf8 = [text](unsigned high_bits) {
    return high_bits == 0 || simdjson::validate_utf8(text.data(), text.size());
  };
  message.raw = text;
  unsigned high_bits = 0;
  if (cache.trie.match(text, message, memory, high_bits)) return is_utf8(high_bits);
  EnvelopeScan scan(text, depth, cache.member_runs, message);
  if (!scan.is_envelope() || !is_utf8(scan.values().high_bits)) return false;
  scan.store_places(memory);
  cache.trie.learn(text, scan.values().scalars, message);
  return true;
}

}  // namespace metlog
