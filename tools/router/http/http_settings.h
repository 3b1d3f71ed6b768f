#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace metlog {

/// An http: or https: URL in its parts, as it was written but for scheme and host in lower case.
struct HttpUrl {
  std::string scheme;     // "http" or "https"
  std::string user_info;  // "user" or "user:password", still with its escapes
  std::string host;       // IPv6 in brackets
  std::string port;       // empty when there is none
  std::string path;       // "/" at least
  std::string query;      // with its "?"

  [[nodiscard]] std::string authority() const { return port.empty() ? host : host + ":" + port; }
  /// For requests.
  [[nodiscard]] std::string text() const;
  /// For people: without user, password and query, which may be secrets.
  [[nodiscard]] std::string shown() const { return scheme + "://" + authority() + path; }
};

/// kInvalidArgument says what is wrong with the text; a fragment is left out.
absl::StatusOr<HttpUrl> parse_http_url(std::string_view text);

/// How requests are made.
struct HttpSettings {
  std::string method = "POST";
  /// "Name: value" of each request. Content-Type is the body's unless it is here.
  std::vector<std::string> headers = {};
  std::chrono::milliseconds timeout{30'000};          // of a request, from connecting to its answer
  std::chrono::milliseconds connect_timeout{10'000};  // of its part until the connection stands
  std::size_t connections = 4;
  std::size_t answer_bytes = 64 * 1024;  // of the body that are read; the rest is not waited for
  std::string proxy = {};                // a URL; none when empty: the environment is not asked
  // TLS 1.2 or later. Files in PEM form; the system's certificates when ca_file is empty.
  std::string ca_file = {};
  std::string certificate_file = {};
  std::string key_file = {};
  bool verify_peer = true;  // false accepts any certificate, for tests only
};

/// The settings' faults that need no network: a method, header or file that cannot be.
absl::Status check(const HttpSettings& settings);

/// True when one of the "Name: value" lines has this name, whatever its case.
bool has_header(const std::vector<std::string>& headers, std::string_view name);

}  // namespace metlog
