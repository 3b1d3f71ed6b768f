#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace metlog {

/// Why a frame is not a message. Every frame that is not accepted has one of these.
enum class RejectReason : std::uint8_t {
  kEmpty,          // nothing, or blanks only
  kTooLong,        // more bytes than --max-message
  kTooDeep,        // more nested objects and arrays than --max-depth
  kNotUtf8,        // bytes that are not UTF-8
  kNotJson,        // not JSON, or JSON that was cut
  kBadNumber,      // a number that is malformed, or that neither 64 bits nor a double can hold
  kBadString,      // a string with a wrong escape, an escaped lone surrogate among them
  kTrailingBytes,  // something behind the JSON text
  kNotAnObject,    // JSON, but not an object
  kMissingKey,     // one of the nine keys is missing
  kDuplicateKey,   // one of the nine keys stands there twice, so readers could disagree
  kWrongType,      // one of the nine keys has a value of another type
};
inline constexpr std::size_t kRejectReasonCount = 12;

/// As it stands in the ledger: "too_long", "not_json", ...
constexpr std::string_view name_of(RejectReason reason) {
  constexpr std::array<std::string_view, kRejectReasonCount> kNames = {
      "empty",         "too_long",    "too_deep",      "not_utf8",
      "not_json",      "bad_number",  "bad_string",    "trailing_bytes",
      "not_an_object", "missing_key", "duplicate_key", "wrong_type"};
  return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace metlog
