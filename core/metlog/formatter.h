#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "metlog/message.h"

namespace metlog {

/// A format of messages; docs/formats.md describes all but kOwn. The numbers are part of a
/// session's files (docs/ring.md).
enum class MessageFormat : std::uint8_t {
  kJson,      // the reference's envelope
  kText,      // a line for humans
  kIndented,  // the envelope for humans, several lines of ASCII
  kOwn,       // made by a function, see Formatter
  kPattern,   // a line as FormatOptions::pattern says
  kLogfmt,    // key=value
  kEcs,       // JSON with the names of the Elastic Common Schema
  kGelf,      // JSON of Graylog, version 1.1
  kOtel,      // OTLP/JSON, a resourceLogs of one record
  kSyslog,    // RFC 5424, the fields as structured data, or RFC 3164
  kJournal,   // journald's native protocol; of `journald:` only
  kStatsd,    // lines of statsd. Has counters and timers only: all else counts as filtered
};

/// Colours by severity, where a pattern has `%^` and `%$`. kAuto: when the destination is a
/// terminal, unless NO_COLOR is set, or FORCE_COLOR is and the destination is standard output or
/// standard error.
enum class Colors : std::uint8_t { kAuto, kAlways, kNever };

/// The forms of kSyslog.
enum class SyslogForm : std::uint8_t {
  kRfc5424,       // TIME HOST APP PID TYPE [ID fields] text
  kRfc3164,       // `Mmm dd hh:mm:ss HOST APP[PID]: text fields`, in local time
  kRfc3164Local,  // the same without the host, as syslog(3) writes to /dev/log
};

/// What a format leaves to choose. Opening a client fails when an option is wrong, or when the
/// format has no such option.
struct FormatOptions {
  /// Of kPattern: the letters of spdlog and more, see docs/formats.md. Empty for `%+`.
  std::string pattern = {};
  /// Of kPattern: times are UTC, not local.
  bool utc = false;
  /// Of kPattern.
  Colors colors = Colors::kAuto;
  /// Of kJson, kIndented and kText: what each message has besides, as members of the JSON object or
  /// as fields of the line, separated by commas: `level`, a word that Loki and Grafana know;
  /// `file`, `path`, `line`, `function`, `thread_id`, `thread` and `process`, which are names.
  /// `file:code.file` gives it another name. What is not known is left out.
  std::string add = {};
  /// Of kJson and kIndented: the payloads of counters and timers are JSON numbers, not strings.
  bool numbers = false;
  /// Of kSyslog: 0 to 23, as in syslog.h.
  int facility = 1;
  /// Of kSyslog and kJournal: the name of the application, 48 bytes of printable ASCII at most, 32
  /// in RFC 3164; the program's name when empty.
  std::string app = {};
  /// Of kSyslog. `rfc=3164` in a destination's URL is kRfc3164Local for a socket of this machine.
  SyslogForm syslog_form = SyslogForm::kRfc5424;
  /// Of kRfc5424: the id of the element that has the fields, NAME@ENTERPRISE_NUMBER of 32 bytes at
  /// most; `metlog@32473` when empty.
  std::string sd_id = {};
  /// Of kStatsd: what precedes each name; the dot at its end, too.
  std::string prefix = {};

  friend bool operator==(const FormatOptions&, const FormatOptions&) = default;
};

/// The format of a client's messages: one of MessageFormat with its options, or a function.
class Formatter {
 public:
  /// Returns the bytes to send for a message, which is given parsed and as the envelope, compact
  /// JSON. They are sent unchanged; files and streams add a newline. Runs on the flusher's thread,
  /// or on a thread that closes or reconfigures a client, under the flusher's lock: it may make
  /// any call. A client that blocks when its ring is full drops here, flush() returns false, and
  /// open(), reconfigure() and close() are refused: they would wait for this function. May be
  /// called more than once for a message. If it throws, the message is lost as `formatter_failed`.
  using Function = std::function<std::string(const Message& message, std::string_view envelope)>;

  /// kOwn needs a function; opening a client with kOwn alone is an error.
  Formatter(MessageFormat format) : format_(format) {}
  Formatter(MessageFormat format, FormatOptions options)
      : format_(format), options_(std::move(options)) {}
  /// `Formatter::pattern("%H:%M:%S.%e %^%-7l%$ [%t] %v%{fields} (%s:%#)")`
  static Formatter pattern(std::string pattern, FormatOptions options = {}) {
    options.pattern = std::move(pattern);
    return {MessageFormat::kPattern, std::move(options)};
  }
  template <std::invocable<const Message&, std::string_view> F>
  requires std::convertible_to<std::invoke_result_t<F, const Message&, std::string_view>,
                               std::string>
  Formatter(F make_string) : format_(MessageFormat::kOwn), function_(std::move(make_string)) {}

  [[nodiscard]] MessageFormat format() const { return format_; }
  [[nodiscard]] const FormatOptions& options() const { return options_; }
  /// Returns the function; empty for all formats but kOwn.
  [[nodiscard]] const Function& function() const { return function_; }
  /// False for kOwn without a function.
  [[nodiscard]] bool is_complete() const {
    return format_ != MessageFormat::kOwn || function_ != nullptr;
  }

 private:
  MessageFormat format_;
  FormatOptions options_;
  Function function_;
};

/// The payload of timers: milliseconds with decimals down to the nanosecond, or whole milliseconds
/// as in the reference, rounded half up.
enum class TimerResolution : std::uint8_t { kNanoseconds, kMilliseconds };

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
