#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "metlog/internal/text/syslog_text.h"
#include "metlog/internal/text/timestamp_text.h"
#include "tools/router/encode/line_parts.h"
#include "tools/router/output/message_encoder.h"

namespace metlog {

/// Appends `<number>`, the facility and severity of a message. A severity beyond 0..7 counts as the
/// nearest of them.
void append_priority(std::string& out, int facility, std::int64_t severity);

struct SyslogOptions {
  int facility = 1;  // USER; see syslog_facility()
  /// APP-NAME or TAG of every message; the message's logger when empty.
  std::string app_name;
  /// Of RFC 5424: the id of the element that has the message's fields, NAME@ENTERPRISE_NUMBER; no
  /// structured data when empty. 32473 is the number that is reserved for examples.
  std::string sd_id = std::string(kSdId);
  /// Of RFC 5424: a byte order mark before the text, as the RFC asks for. Many receivers show it.
  bool has_bom = false;
  /// Of RFC 3164: false for a local socket, whose reader adds the host.
  bool has_hostname = true;
  /// Of RFC 3164, whose time has no zone: receivers take it for their own.
  TimeZone zone = TimeZone::kLocal;
};

/// kInvalidArgument for an `app_name` or `sd_id` that the format cannot hold.
absl::Status check_syslog_options(const SyslogOptions& options);

/// RFC 5424: `<PRI>1 TIME HOST APP-NAME PROCID MSGID [SD] text`. HOST is metlog_hostname, PROCID
/// metlog_pid, MSGID the type. Names are cut to the RFC's lengths; what is not printable ASCII in
/// them becomes `_`. Each field is a parameter of the element `sd_id`; composite values are JSON.
/// A trace (trace_id and span_id) has the element `opentelemetry` instead. Unprintable characters
/// in values and text are escaped as in JSON: one message is one line.
class Rfc5424Encoder final : public MessageEncoder {
 public:
  explicit Rfc5424Encoder(SyslogOptions options) : options_(std::move(options)) {}

  bool encode(const DecodedMessage& message, Batch& batch) override;

 private:
  void append_structured_data(const DecodedMessage& message);

  const SyslogOptions options_;
  TimestampText time_;
  std::string line_;
};

/// RFC 3164: `<PRI>Mmm dd hh:mm:ss HOST TAG[PID]: text`, without fields. TAG is cut to 32 bytes.
class Rfc3164Encoder final : public MessageEncoder {
 public:
  explicit Rfc3164Encoder(SyslogOptions options)
      : options_(std::move(options)), time_(options_.zone) {}

  bool encode(const DecodedMessage& message, Batch& batch) override;

 private:
  const SyslogOptions options_;
  SyslogTime time_;
  std::string line_;
};

/// Appends `TAG` or `TAG[PID]`, and a colon and a blank. `absent` stands for an empty tag.
void append_syslog_tag(std::string& out, std::string_view tag, std::optional<std::int64_t> pid,
                       std::string_view absent);

}  // namespace metlog
