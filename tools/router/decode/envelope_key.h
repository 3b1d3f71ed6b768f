#pragma once

#include <cstddef>
#include <string_view>

namespace metlog {

/// The nine keys of the envelope.
enum class EnvelopeKey : std::size_t {
  kType,
  kTimestamp,
  kLogger,
  kSeverity,
  kPayload,
  kFields,
  kEnvVersion,
  kPid,
  kHostname,
  kOther,  // none of them
};

/// A key's bit in a set of keys; 0 for kOther.
constexpr unsigned bit_of(EnvelopeKey key) {
  return key == EnvelopeKey::kOther ? 0 : 1U << static_cast<std::size_t>(key);
}
inline constexpr unsigned kAllEnvelopeKeys =
    (1U << static_cast<std::size_t>(EnvelopeKey::kOther)) - 1;

/// Returns the key of this name. Only two of the names have the same length.
constexpr EnvelopeKey envelope_key(std::string_view name) {
  const auto if_named = [name](std::string_view wanted, EnvelopeKey key) {
    return name == wanted ? key : EnvelopeKey::kOther;
  };
  switch (name.size()) {
    case 4:
      return if_named("type", EnvelopeKey::kType);
    case 6:
      return name == "fields" ? EnvelopeKey::kFields : if_named("logger", EnvelopeKey::kLogger);
    case 7:
      return if_named("payload", EnvelopeKey::kPayload);
    case 8:
      return if_named("severity", EnvelopeKey::kSeverity);
    case 9:
      return if_named("timestamp", EnvelopeKey::kTimestamp);
    case 10:
      return if_named("metlog_pid", EnvelopeKey::kPid);
    case 11:
      return if_named("env_version", EnvelopeKey::kEnvVersion);
    case 15:
      return if_named("metlog_hostname", EnvelopeKey::kHostname);
    default:
      return EnvelopeKey::kOther;
  }
}

}  // namespace metlog
