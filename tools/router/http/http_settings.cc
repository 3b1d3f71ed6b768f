#include "tools/router/http/http_settings.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/base/errno_status.h"

namespace metlog {
namespace {

absl::string_view to_absl(std::string_view text) { return {text.data(), text.size()}; }

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f;
  });
}

bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           kOthers.find(c) != std::string_view::npos;
  });
}

/// Splits what is before `mark` off; all of it when there is no mark.
std::string_view take_until(std::string_view& text, std::string_view marks) {
  const std::size_t end = std::min(text.find_first_of(marks), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end);
  return taken;
}

bool is_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return host.find_first_not_of("0123456789abcdefABCDEF:.", 1) == host.size() - 1;
  }
  return !host.empty() && host.find_first_of("[]:<>\"\\^`{|}%") == std::string_view::npos;
}

absl::Status check_header(const std::string& header) {
  const std::size_t colon = header.find(':');
  const std::string name = header.substr(0, colon);
  if (colon == std::string::npos || !is_token(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("header '", absl::CHexEscape(header), "' is not of the form 'Name: value'"));
  }
  for (const char c : header) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) {
      return absl::InvalidArgumentError(
          absl::StrCat("header '", name, "' has a control character in its value"));
    }
  }
  for (const char* const own :
       {"Content-Length", "Transfer-Encoding", "Content-Encoding", "Connection", "Expect"}) {
    if (absl::EqualsIgnoreCase(name, own)) {
      return absl::InvalidArgumentError(
          absl::StrCat("header '", name, "' is set by the output itself; leave it out"));
    }
  }
  return absl::OkStatus();
}

absl::Status check_file(std::string_view what, const std::string& path) {
  if (path.empty() || ::access(path.c_str(), R_OK) == 0) return absl::OkStatus();
  return errno_status(errno, absl::StrCat(to_absl(what), " '", path, "'"),
                      "name a file in PEM form that may be read");
}

}  // namespace

std::string HttpUrl::text() const {
  return absl::StrCat(scheme, "://", user_info, user_info.empty() ? "" : "@", authority(), path,
                      query);
}

absl::StatusOr<HttpUrl> parse_http_url(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("'", absl::CHexEscape(to_absl(text)), "' ",
                                                   to_absl(why), "; write https://host/path"));
  };
  if (!is_printable(text)) return wrong("has a blank or a character that no URL has");
  HttpUrl url;
  std::string_view rest = text;
  url.scheme = absl::AsciiStrToLower(to_absl(take_until(rest, ":")));
  if (url.scheme != "http" && url.scheme != "https") return wrong("is no http: or https: URL");
  if (!rest.starts_with("://")) return wrong("lacks '//' behind its scheme");
  rest.remove_prefix(3);
  std::string_view authority = take_until(rest, "/?#");
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.user_info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    url.port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
    std::uint32_t port = 0;
    if (!absl::SimpleAtoi(url.port, &port) || port == 0 || port > 65'535 ||
        !absl::ascii_isdigit(static_cast<unsigned char>(url.port.front()))) {
      return wrong("has a port that is not 1 to 65535");
    }
  }
  if (!is_host(authority)) return wrong("has no host, or one that no URL has");
  url.host = absl::AsciiStrToLower(to_absl(authority));
  url.path = take_until(rest, "?#");
  if (url.path.empty()) url.path += '/';
  url.query = take_until(rest, "#");
  return url;
}

absl::Status check(const HttpSettings& settings) {
  if (!is_token(settings.method)) {
    return absl::InvalidArgumentError(absl::StrCat("method '", absl::CHexEscape(settings.method),
                                                   "' is none of HTTP; write POST or PUT"));
  }
  for (const std::string& header : settings.headers) {
    if (absl::Status status = check_header(header); !status.ok()) return status;
  }
  if (!settings.proxy.empty()) {
    if (const auto proxy = parse_http_url(settings.proxy); !proxy.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("proxy: ", proxy.status().message()));
    }
  }
  for (const auto& [what, path] :
       {std::pair{"CA file", settings.ca_file}, std::pair{"certificate", settings.certificate_file},
        std::pair{"key", settings.key_file}}) {
    if (absl::Status status = check_file(what, path); !status.ok()) return status;
  }
  return absl::OkStatus();
}

bool has_header(const std::vector<std::string>& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [name](const std::string& header) {
    return absl::EqualsIgnoreCase(to_absl(std::string_view(header).substr(0, header.find(':'))),
                                  to_absl(name));
  });
}

}  // namespace metlog
