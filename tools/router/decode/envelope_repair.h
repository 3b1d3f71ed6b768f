#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace metlog {

/// What was changed in a message so that it is an envelope of the nine keys. A message may have
/// several.
enum class Repair : std::uint8_t {
  kNotANumber,     // NaN and the infinities are null
  kLoneSurrogate,  // an escaped half of a pair is U+FFFD
  kNumberAsText,   // severity or pid was "4" or 4.0
  kLogstashForm,   // the message was in @fields
  kHekaKeys,       // pid and host name had heka's keys
  kTimestamp,      // the time stamp was none
};
inline constexpr std::size_t kRepairCount = 6;

/// The name in the ledger.
constexpr std::string_view name_of(Repair repair) {
  constexpr std::array<std::string_view, kRepairCount> kNames = {"not_a_number",   "lone_surrogate",
                                                                 "number_as_text", "logstash_form",
                                                                 "heka_keys",      "timestamp"};
  return kNames[static_cast<std::size_t>(repair)];
}

/// A set of them.
class Repairs {
 public:
  void add(Repair repair) { bits_ |= bit(repair); }
  [[nodiscard]] bool has(Repair repair) const { return (bits_ & bit(repair)) != 0; }
  [[nodiscard]] bool any() const { return bits_ != 0; }
  void count_in(std::array<std::uint64_t, kRepairCount>& counts) const {
    for (std::size_t i = 0; i < kRepairCount; ++i) counts[i] += bits_ >> i & 1;
  }

 private:
  static std::uint8_t bit(Repair repair) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(repair));
  }
  std::uint8_t bits_ = 0;
};

/// JSON of a writer that also writes NaN, infinities, halves of surrogate pairs and integers of any
/// size, as Python's does.
struct RepairedJson {
  std::string text;      // with the first two replaced
  std::string parsable;  // with the integers beyond 64 bits as doubles, too
};

/// Repairs the tokens of a text, which need not be valid beside them. False when there is nothing
/// to repair. Integers of more than 300 digits stay as they are.
[[nodiscard]] bool repair_tokens(std::string_view text, RepairedJson& repaired, Repairs& repairs);

/// What replaces a time stamp that is none.
struct TimestampRepair {
  bool is_wanted = false;
  std::int64_t now_ns = 0;  // UTC: the time of arrival
};

/// Writes an envelope of another form as one of the nine keys: the message in `@fields` of an event
/// of logstash, with the other members of the event behind its own; heka's `heka_pid`, `pid`,
/// `heka_hostname`, `hostname`; severity and pid as the text of a number, or as a double without a
/// fraction. If wanted, also a time stamp that is a number (the seconds since 1970, or their
/// thousandths, millionths or nanoseconds) or nothing at all: it then has the time of arrival, and
/// the member `original_timestamp` has what was there.
///
/// `object` is valid JSON, an object without a key twice; kFramePadding readable bytes follow.
/// False when it has none of these forms. What is then still missing the caller finds.
[[nodiscard]] bool rewrite_envelope(std::string_view object, const TimestampRepair& timestamp,
                                    std::string& rewritten, Repairs& repairs);

}  // namespace metlog
