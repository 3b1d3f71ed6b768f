#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
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

/// Reads the options in a URL's query. Each is asked for by name; status() then tells what was
/// wrong with them, and which stood there that nobody asked for.
class UrlOptions {
 public:
  struct Range {
    std::int64_t lowest;
    std::int64_t highest;
    std::int64_t preset;  // when the option is absent
  };

  /// `url` must outlive this.
  explicit UrlOptions(const Url& url) : url_(url) {}

  std::int64_t number(const std::string& name, const Range& range);
  /// Milliseconds from 0 to an hour.
  std::chrono::milliseconds milliseconds(const std::string& name, std::int64_t preset);
  /// Seconds from 0.01 to a day, with decimals or without.
  std::chrono::milliseconds seconds(const std::string& name, std::chrono::milliseconds preset);
  /// Empty when absent.
  std::string text(const std::string& name);
  /// `name`, `name=1`, `name=true` or `name=0`, `name=false`; false when absent.
  bool flag(const std::string& name);
  /// Refuses `name` where it stands without what it belongs to: `is_wanted` is false, and `needed`
  /// says what would make it right, as "batch=1".
  void only_if(bool is_wanted, const std::string& name, const std::string& needed);
  [[nodiscard]] bool has(const std::string& name) const { return url_.query.count(name) != 0; }

  /// The first thing that is wrong. Ask once every option has been read.
  [[nodiscard]] absl::Status status() const;

 private:
  const std::string* find(const std::string& name);
  void refuse(const std::string& name, const std::string& rule);

  const Url& url_;
  std::vector<std::string> known_;
  absl::Status first_error_;
};

}  // namespace metlog
