#pragma once

#include <string>
#include <string_view>

#include "tools/router/encode/line_parts.h"
#include "tools/router/output/message_encoder.h"

namespace metlog {

/// The Common Event Format behind a header of RFC 3164.
///
/// A message of type `cef`, which the client's cef() has made, has its line in the payload. It is
/// written unchanged, `%` included, but for characters that would end the line, behind
/// `<PRI>Mmm dd hh:mm:ss HOST IDENT: `. Facility, priority and ident are those of fields.cef_meta
/// (syslog_facility, syslog_priority, syslog_ident); with the option PID in syslog_options the
/// ident has [metlog_pid]. What is absent or unknown there is as in these options; other options of
/// syslog(3) concern the client's machine and have no effect.
///
/// Any other message becomes `<PRI>Mmm dd hh:mm:ss HOST
/// CEF:0|vendor|product|version|TYPE|NAME|SEV|` and the extension: rt (its time in milliseconds),
/// dvchost, dvcpid, msg (the payload), and its fields. NAME is fields.name, else the type; SEV is
/// 10 for an emergency down to 0 for debug. In the header `|` and `\` get a backslash, in values
/// `=` and `\`, and a line break is `\n`. In keys what is no letter, digit, `_`, `-` or `.` becomes
/// `_`.
class CefEncoder final : public MessageEncoder {
 public:
  struct Options {
    std::string vendor = "metlog";
    std::string product = "metlog";
    std::string version = "1";
    int facility = 20;  // LOCAL4, as the reference has it; see syslog_facility()
    int priority = 6;   // of a message of type `cef` that names none
    std::string ident = "metlogd";
    bool has_header = true;            // <PRI>, time and host; without it the line begins with CEF:
    bool has_hostname = true;          // false for a local socket, whose reader adds the host
    TimeZone zone = TimeZone::kLocal;  // of the header's time
  };

  explicit CefEncoder(Options options) : options_(std::move(options)), time_(options_.zone) {}

  bool encode(const DecodedMessage& message, Batch& batch) override;

 private:
  struct Meta {
    int facility;
    int priority;
    std::string ident;
    bool has_pid = false;
  };

  void append_made_line(const DecodedMessage& message);
  void append_header(const DecodedMessage& message, int facility, std::int64_t severity);
  void append_event(const DecodedMessage& message);
  void append_header_field(std::string_view text);
  void append_value(std::string_view key, std::string_view text);
  [[nodiscard]] Meta meta_of(const DecodedMessage& message) const;

  const Options options_;
  SyslogTime time_;
  std::string line_;
};

}  // namespace metlog
