#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/router/http/http_settings.h"

namespace metlog {

/// The address of a Sentry project: SCHEME://PUBLIC[:SECRET]@HOST[:PORT][/PREFIX]/PROJECT.
struct Dsn {
  std::string scheme;  // "http", "https" or "udp"
  std::string public_key;
  std::string secret_key;  // of old servers; empty for none
  HttpUrl host;            // without path and keys
  std::string prefix;      // of the path: "" or "/sentry"
  std::string project;

  /// Where envelopes go.
  [[nodiscard]] HttpUrl envelope_url() const;
  /// Where the original's router sends to: it has no prefix.
  [[nodiscard]] HttpUrl store_url() const;
};

/// kInvalidArgument says what is wrong, without the keys.
absl::StatusOr<Dsn> parse_dsn(std::string_view text);

/// The value of X-Sentry-Auth for envelopes, of a client such as "metlogd/1.0".
std::string envelope_auth(const Dsn& dsn, std::string_view client);
/// The same as the original's router wrote it, for a message with this time stamp.
std::string store_auth(const Dsn& dsn, std::string_view timestamp);

}  // namespace metlog
