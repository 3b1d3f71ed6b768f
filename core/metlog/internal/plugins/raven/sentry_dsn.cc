#include "metlog/internal/plugins/raven/sentry_dsn.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/base/url.h"

namespace metlog {
namespace {

bool is_scheme(std::string_view scheme) {
  constexpr std::array<std::string_view, 3> kSchemes = {"http", "https", "udp"};
  const std::size_t plus = scheme.find('+');
  if (plus != std::string_view::npos) {
    const std::string_view transport = scheme.substr(0, plus);
    if (transport.empty()) return false;
    scheme.remove_prefix(plus + 1);
  }
  return std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end();
}

/// `host`, `host:port`, `[::1]:port`.
bool is_host(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && host.find(']', colon) == host.npos;
  if (has_port) {
    std::uint32_t port = 0;
    const std::string_view digits = host.substr(colon + 1);
    if (!absl::SimpleAtoi(absl::string_view(digits.data(), digits.size()), &port) || port == 0 ||
        port > UINT16_MAX) {
      return false;
    }
    host = host.substr(0, colon);
  }
  return !host.empty();
}

/// For messages: without the secret.
std::string masked(std::string_view text) {
  const std::size_t keys = text.find("://");
  const std::size_t at = text.find('@');
  if (keys == std::string_view::npos || at == std::string_view::npos) return std::string(text);
  const std::size_t colon = text.find(':', keys + 3);
  if (colon >= at) return std::string(text);
  return std::string(text.substr(0, colon + 1)).append("***").append(text.substr(at));
}

}  // namespace

absl::StatusOr<SentryDsn> parse_sentry_dsn(std::string_view text) {
  const auto invalid = [text](const char* why) {
    return absl::InvalidArgumentError(
        absl::StrCat("Invalid Sentry DSN: '", masked(text), "': ", why,
                     "; write scheme://public:secret@host[:port]/project"));
  };
  const absl::StatusOr<Url> url = parse_url(text);
  if (!url.ok()) return invalid("it is no URL");
  if (!is_scheme(url->scheme)) return invalid("the scheme is not http, https or udp");
  const std::string_view authority = url->authority;
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return invalid("there is no public key");
  const std::string_view keys = authority.substr(0, at);
  if (keys.empty() || keys.front() == ':' || keys.back() == ':') return invalid("a key is empty");
  if (!is_host(authority.substr(at + 1))) return invalid("there is no host, or a wrong port");
  const std::string project = url->path.substr(url->path.rfind('/') + 1);
  if (project.empty()) return invalid("there is no project");
  return SentryDsn{std::string(text), project};
}

}  // namespace metlog
