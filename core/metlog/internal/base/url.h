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

/// A URL in its parts, percent escapes decoded: `scheme:path?query` or
/// `scheme://authority/path?query`. Parsed once, where it enters the program, and passed on.
struct Url {
  std::string text;    // as given, for messages
  std::string scheme;  // lower case, never empty
  std::string authority;
  std::string path;  // with its leading slash, if it has one
  std::map<std::string, std::string> query;
};

/// True when `text` begins with a scheme, letters or `+` before a colon; a path that looks like
/// this is written ./path.
bool has_scheme(std::string_view text);

/// kInvalidArgument when there is no scheme, an escape is broken or an option is given twice.
absl::StatusOr<Url> parse_url(std::string_view text);

/// The `file:` URL of a path, absolute or relative; what a URL would read otherwise is
/// percent-encoded in its text.
Url file_url(std::string_view path);

/// The URL with these options behind its text, percent-encoded as far as needed. It has none yet.
Url with_options(Url url, std::map<std::string, std::string> options);

struct HostAndPort {
  std::string host;  // a name or a number; IPv6 without its brackets
  std::uint16_t port = 0;

  /// `host:port`, IPv6 in brackets.
  [[nodiscard]] std::string text() const;
};

/// Ports that a URL may name.
enum class Ports {
  kFixed,        // 1..65535, of a peer
  kFixedOrZero,  // to bind: 0 lets the kernel choose
  kAnyOrStar,    // to bind with libzmq, which also writes `*` for 0
};

/// The host and port of a URL that has nothing after them but options. kInvalidArgument names
/// what is missing or wrong.
absl::StatusOr<HostAndPort> host_and_port(const Url& url, Ports ports = Ports::kFixed);

/// The host and port of an authority that may be without a port: `host`, `[::1]`.
[[nodiscard]] std::string with_port(std::string_view authority, int port);

/// All of `host:port,host:port`; errors as host_and_port().
absl::StatusOr<std::vector<HostAndPort>> hosts_and_ports(const Url& url);

/// Reads the options in a URL's query, each by its name; status() then reports the first that was
/// wrong, or one that was never asked for.
class UrlOptions {
 public:
  struct Range {
    std::int64_t min;
    std::int64_t max;
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
  enum class Switch { kOff, kOn, kAuto };
  /// As flag(), or `name=auto`.
  Switch flag_or_auto(const std::string& name);
  /// Refuses `name` where what it depends on is absent: `is_wanted` is false, and `needed` says
  /// what would make it right, as "batch=1".
  void only_if(bool is_wanted, const std::string& name, const std::string& needed);
  /// Refuses `name`, which is there, because of what its value is: `rule` begins with "is" or the
  /// like, and says what to write.
  void refuse(const std::string& name, const std::string& rule);
  [[nodiscard]] bool has(const std::string& name) const { return url_.query.count(name) != 0; }

  /// The first error. Call it after every option has been read.
  [[nodiscard]] absl::Status status() const;

 private:
  const std::string* find(const std::string& name);

  const Url& url_;
  std::vector<std::string> known_;
  absl::Status first_error_;
};

}  // namespace metlog
