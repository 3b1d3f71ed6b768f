#include "tools/router/sentry/dsn.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace metlog {
namespace {

constexpr const char* kForm = "write https://KEY@HOST/PROJECT";

/// True for keys and projects that need no escape in a URL, nor in a header.
bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' ||
           c == '~';
  });
}

/// Without what is before the `@`: keys do not belong into messages.
std::string without_keys(std::string_view text) {
  const std::size_t at = text.rfind('@');
  const std::size_t begin = text.find("://");
  if (at == std::string_view::npos || begin == std::string_view::npos || at < begin) return "...";
  return absl::StrCat(std::string(text.substr(0, begin + 3)), "...",
                      absl::CHexEscape(std::string(text.substr(at))));
}

}  // namespace

absl::StatusOr<Dsn> parse_dsn(std::string_view text) {
  const auto wrong = [&](const char* why) {
    return absl::InvalidArgumentError(
        absl::StrCat("the DSN '", without_keys(text), "' ", why, "; ", kForm));
  };
  Dsn dsn;
  dsn.scheme = absl::AsciiStrToLower(std::string(text.substr(0, text.find(':'))));
  if (dsn.scheme != "http" && dsn.scheme != "https" && dsn.scheme != "udp") {
    return wrong("is no http:, https: or udp: URL");
  }
  const std::string as_http = absl::StrCat(dsn.scheme == "https" ? "https" : "http",
                                           std::string(text.substr(dsn.scheme.size())));
  const absl::StatusOr<HttpUrl> url = parse_http_url(as_http);
  if (!url.ok()) return wrong("is no URL");
  if (url->user_info.empty()) return wrong("has no key");
  if (!url->query.empty()) return wrong("has a query");
  const std::size_t colon = url->user_info.find(':');
  dsn.public_key = url->user_info.substr(0, colon);
  if (colon != std::string::npos) dsn.secret_key = url->user_info.substr(colon + 1);
  if (!is_plain(dsn.public_key) || (colon != std::string::npos && !is_plain(dsn.secret_key))) {
    return wrong("has a key with other characters than letters, digits, '-', '_', '.' and '~'");
  }
  const std::size_t slash = url->path.rfind('/');
  dsn.prefix = url->path.substr(0, slash);
  dsn.project = url->path.substr(slash + 1);
  if (!is_plain(dsn.project)) return wrong("has no project");
  if (dsn.scheme == "udp" && url->port.empty()) return wrong("has no port");
  dsn.host.scheme = url->scheme;
  dsn.host.host = url->host;
  dsn.host.port = url->port;
  return dsn;
}

HttpUrl Dsn::envelope_url() const {
  HttpUrl url = host;
  url.path = absl::StrCat(prefix, "/api/", project, "/envelope/");
  return url;
}

HttpUrl Dsn::store_url() const {
  HttpUrl url = host;
  url.path = "/api/store/";
  return url;
}

std::string envelope_auth(const Dsn& dsn, std::string_view client) {
  std::string text = absl::StrCat("Sentry sentry_version=7, sentry_client=", std::string(client),
                                  ", sentry_key=", dsn.public_key);
  if (!dsn.secret_key.empty()) absl::StrAppend(&text, ", sentry_secret=", dsn.secret_key);
  return text;
}

std::string store_auth(const Dsn& dsn, std::string_view timestamp) {
  return absl::StrCat(
      "Sentry sentry_timestamp=", std::string(timestamp),
      ", sentry_client=raven-logstash/1.0, sentry_version=2.0, sentry_key=", dsn.public_key);
}

}  // namespace metlog
