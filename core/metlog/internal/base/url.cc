#include "metlog/internal/base/url.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace metlog {
namespace {

constexpr int kMaxPort = 65535;

int digit_of(char hex) {
  const auto byte = static_cast<unsigned char>(hex);
  return absl::ascii_isdigit(byte) ? byte - '0' : absl::ascii_tolower(byte) - 'a' + 10;
}

bool is_hex(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }

/// False on a broken escape, and on %00, which would cut a path short.
bool decode_escapes(absl::string_view escaped, std::string& decoded) {
  decoded.clear();
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    if (escaped[i] != '%') {
      decoded += escaped[i];
      continue;
    }
    if (i + 2 >= escaped.size() || !is_hex(escaped[i + 1]) || !is_hex(escaped[i + 2])) return false;
    decoded += static_cast<char>(digit_of(escaped[i + 1]) * 16 + digit_of(escaped[i + 2]));
    if (decoded.back() == '\0') return false;
    i += 2;
  }
  return true;
}

/// Appends a text, of which these characters and those that no line shows are escaped.
void append_escaped(std::string_view text, std::string_view escaped, std::string& url) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (escaped.find(c) == std::string_view::npos && byte >= ' ') {
      url += c;
    } else {
      absl::StrAppend(&url, "%",
                      absl::AsciiStrToUpper(absl::StrCat(absl::Hex(byte, absl::kZeroPad2))));
    }
  }
}

absl::Status broken_escape(const Url& url) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", url.text, "' has a '%' that is not followed by two hexadecimal digits ",
                   "other than 00; write %25 for a percent sign"));
}

bool is_scheme_char(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '+';
}

absl::Status parse_query(absl::string_view text, Url& url) {
  for (const absl::string_view option : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(option, absl::MaxSplits('=', 1));
    std::string name;
    std::string value;
    if (!decode_escapes(parts.first, name) || !decode_escapes(parts.second, value)) {
      return broken_escape(url);
    }
    if (!url.query.emplace(name, value).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("option '", name, "' is given twice in '", url.text, "'; keep one"));
    }
  }
  return absl::OkStatus();
}

/// `authority` as a host and a port. `url` is for messages.
absl::StatusOr<HostAndPort> split_host_port(absl::string_view authority, const Url& url,
                                            Ports ports) {
  const std::string form = absl::StrCat("write ", url.scheme, "://host:port");
  const bool in_brackets = !authority.empty() && authority[0] == '[';
  const std::size_t colon = in_brackets ? authority.find("]:") : authority.rfind(':');
  if (colon == absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", url.text, "' lacks a ", authority.empty() ? "host and a " : "", "port; ", form));
  }
  const absl::string_view host =
      in_brackets ? authority.substr(1, colon - 1) : authority.substr(0, colon);
  const absl::string_view port = authority.substr(colon + (in_brackets ? 2 : 1));
  if (host.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("'", url.text, "' lacks a host; ", form));
  }
  if (!in_brackets && host.find(':') != absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        "host '", host, "' in '", url.text, "' is IPv6 without brackets; write [", host, "]"));
  }
  if (port == "*" && ports == Ports::kAnyOrStar) return HostAndPort{std::string(host), 0};
  const int min = ports == Ports::kFixed ? 1 : 0;
  int number = 0;
  if (!absl::SimpleAtoi(port, &number) || number < min || number > kMaxPort) {
    return absl::InvalidArgumentError(absl::StrCat("port '", port, "' in '", url.text,
                                                   "' is not in ", min, "..", kMaxPort,
                                                   ports == Ports::kAnyOrStar ? ", nor *" : ""));
  }
  return HostAndPort{std::string(host), static_cast<std::uint16_t>(number)};
}

absl::Status check_no_path(const Url& url) {
  if (url.path.empty() || url.path == "/") return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("path '", url.path, "' in '", url.text,
                                                 "' leads nowhere; write ", url.scheme,
                                                 "://host:port"));
}

bool is_off(std::string_view text) { return text == "0" || text == "false"; }
bool is_on(std::string_view text) { return text.empty() || text == "1" || text == "true"; }

}  // namespace

bool has_scheme(std::string_view text) {
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && colon != 0 &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                     is_scheme_char);
}

absl::StatusOr<Url> parse_url(std::string_view text) {
  Url url;
  url.text = std::string(text);
  if (!has_scheme(text)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", url.text, "' has no scheme; a destination begins with one, such as ",
                     "udp://127.0.0.1:5565, file:///var/log/x.jsonl or stdout:"));
  }
  const absl::string_view whole(url.text);
  const std::size_t colon = whole.find(':');
  url.scheme = absl::AsciiStrToLower(whole.substr(0, colon));
  absl::string_view rest = whole.substr(colon + 1);
  const std::size_t question = rest.find('?');
  if (question != absl::string_view::npos) {
    const absl::Status status = parse_query(rest.substr(question + 1), url);
    if (!status.ok()) return status;
    rest = rest.substr(0, question);
  }
  if (absl::ConsumePrefix(&rest, "//")) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    if (!decode_escapes(rest.substr(0, slash), url.authority)) return broken_escape(url);
    rest.remove_prefix(slash);
  }
  if (!decode_escapes(rest, url.path)) return broken_escape(url);
  return url;
}

Url file_url(std::string_view path) {
  Url url;
  url.scheme = "file";
  url.path = std::string(path);
  url.text = path.starts_with('/') ? "file://" : "file:";
  append_escaped(path, "%?#", url.text);
  return url;
}

Url with_options(Url url, std::map<std::string, std::string> options) {
  for (const auto& [name, value] : options) {
    url.text += url.text.find('?') == std::string::npos ? '?' : '&';
    append_escaped(name, "%&=#", url.text);
    url.text += '=';
    append_escaped(value, "%&#", url.text);
  }
  url.query = std::move(options);
  return url;
}

std::string HostAndPort::text() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return absl::StrCat(is_ipv6 ? "[" : "", host, is_ipv6 ? "]:" : ":", port);
}

absl::StatusOr<HostAndPort> host_and_port(const Url& url, Ports ports) {
  if (absl::Status status = check_no_path(url); !status.ok()) return status;
  return split_host_port(url.authority, url, ports);
}

std::string with_port(std::string_view authority, int port) {
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  std::string text(authority);
  if (!has_port && !authority.empty()) absl::StrAppend(&text, ":", port);
  return text;
}

absl::StatusOr<std::vector<HostAndPort>> hosts_and_ports(const Url& url) {
  if (absl::Status status = check_no_path(url); !status.ok()) return status;
  std::vector<HostAndPort> list;
  for (const absl::string_view part : absl::StrSplit(url.authority, ',')) {
    absl::StatusOr<HostAndPort> one = split_host_port(part, url, Ports::kFixed);
    if (!one.ok()) return one.status();
    list.push_back(*std::move(one));
  }
  return list;
}

std::int64_t UrlOptions::number(const std::string& name, const Range& range) {
  const std::string* text = find(name);
  if (text == nullptr) return range.preset;
  std::int64_t value = 0;
  if (absl::SimpleAtoi(*text, &value) && value >= range.min && value <= range.max) {
    return value;
  }
  refuse(name, absl::StrCat("is not in ", range.min, "..", range.max));
  return range.preset;
}

std::chrono::milliseconds UrlOptions::milliseconds(const std::string& name, std::int64_t preset) {
  constexpr std::int64_t kHourMs = 3'600'000;
  return std::chrono::milliseconds(number(name, {0, kHourMs, preset}));
}

std::chrono::milliseconds UrlOptions::seconds(const std::string& name,
                                              std::chrono::milliseconds preset) {
  constexpr double kMin = 0.01;
  constexpr double kDay = 86'400;
  const std::string* text = find(name);
  if (text == nullptr) return preset;
  double value = 0;
  if (absl::SimpleAtod(*text, &value) && value >= kMin && value <= kDay) {
    return std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(value));
  }
  refuse(name, absl::StrCat("is not in ", kMin, "..", kDay, " seconds"));
  return preset;
}

std::string UrlOptions::text(const std::string& name) {
  const std::string* text = find(name);
  return text == nullptr ? "" : *text;
}

bool UrlOptions::flag(const std::string& name) {
  const std::string* text = find(name);
  if (text == nullptr || is_off(*text)) return false;
  if (!is_on(*text)) refuse(name, "is neither 0 nor 1");
  return true;
}

UrlOptions::Switch UrlOptions::flag_or_auto(const std::string& name) {
  const std::string* text = find(name);
  if (text == nullptr || is_off(*text)) return Switch::kOff;
  if (*text == "auto") return Switch::kAuto;
  if (!is_on(*text)) refuse(name, "is neither 0, 1 nor auto");
  return Switch::kOn;
}

void UrlOptions::only_if(bool is_wanted, const std::string& name, const std::string& needed) {
  if (!is_wanted && has(name)) refuse(name, absl::StrCat("needs ", needed));
}

absl::Status UrlOptions::status() const {
  if (!first_error_.ok()) return first_error_;
  for (const auto& [name, value] : url_.query) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    const std::string known =
        known_.empty() ? "takes none" : absl::StrCat("takes ", absl::StrJoin(known_, ", "));
    return absl::InvalidArgumentError(absl::StrCat("unknown option '", name, "' in '", url_.text,
                                                   "'; ", url_.scheme, ": ", known));
  }
  return absl::OkStatus();
}

const std::string* UrlOptions::find(const std::string& name) {
  known_.push_back(name);
  const auto found = url_.query.find(name);
  return found == url_.query.end() ? nullptr : &found->second;
}

void UrlOptions::refuse(const std::string& name, const std::string& rule) {
  if (!first_error_.ok()) return;
  first_error_ = absl::InvalidArgumentError(
      absl::StrCat("option ", name, "='", url_.query.at(name), "' in '", url_.text, "' ", rule));
}

}  // namespace metlog
