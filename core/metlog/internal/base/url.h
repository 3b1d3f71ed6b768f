#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace metlog {

/// A destination's URL in its parts, percent escapes decoded:
/// `scheme:path?query` or `scheme://authority/path?query`.
struct Url {
  std::string text;    // as given, for messages to humans
  std::string scheme;  // lower case, never empty
  std::string authority;
  std::string path;  // with its leading slash, if it has one
  std::map<std::string, std::string> query;
};

struct HostAndPort {
  std::string host;  // a name or a number; IPv6 without its brackets
  std::uint16_t port = 0;
};

/// kInvalidArgument when there is no scheme, an escape is broken or an option stands there twice.
absl::StatusOr<Url> parse_url(std::string_view text);

/// The authority of a URL that must name a host and a port, and nothing behind them.
/// kInvalidArgument names what is missing or wrong.
absl::StatusOr<HostAndPort> host_and_port(const Url& url);

}  // namespace metlog
