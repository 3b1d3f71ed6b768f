#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "metlog/internal/text/timestamp_text.h"
#include "metlog/sender.h"
#include "tools/router/decode/json_value.h"

namespace metlog {

// Parts of the lines that encoders write, each appended to a string. No text can end the line or
// steer a terminal: see line_text.h.

void append_number(std::string& out, std::int64_t number);

/// Appends a text with its unprintable characters escaped as in JSON.
void append_escaped_text(std::string& out, std::string_view text);

/// Appends what append_reversible_text() of line_text.h writes.
void append_reversible_text(std::string& out, std::string_view text);

/// Appends a JSON value as that of a parameter of structured data: a string as its text, any other
/// as compact JSON; see append_param_text().
void append_param_value(std::string& out, std::string_view json);

/// Puts a backslash before each of these characters of `out` from `begin` on.
void put_backslashes(std::string& out, std::size_t begin, std::string_view before);

/// Appends what append_ascii_name() of syslog_text.h writes.
void append_ascii_name(std::string& out, std::string_view name, std::size_t max_bytes,
                       std::string_view excluded, std::string_view absent);

/// The key of a member of an object, its escapes resolved; valid until this thread asks again.
[[nodiscard]] std::string_view key_text(const JsonMember& member);

/// Adds the line to the batch, as a message of a call; returns true.
bool commit_line(const std::string& line, Batch& batch);

/// Writes times as RFC 3164 has them: `Jan  8 12:34:56`. Keeps the last one. Used by one thread.
class SyslogTime {
 public:
  explicit SyslogTime(TimeZone zone) : zone_(zone) {}

  /// Appends the second in which a time lies that counts nanoseconds from 1970, UTC.
  void append(std::string& out, std::int64_t utc_ns);

 private:
  const TimeZone zone_;
  std::int64_t second_ = INT64_MIN;
  std::string text_;
};

}  // namespace metlog
