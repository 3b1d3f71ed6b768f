#include "tools/router/encode/syslog_encoder.h"

#include <fmt/format.h>

#include "metlog/internal/text/syslog_text.h"
#include "tools/router/decode/timestamp_check.h"

namespace metlog {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_lower_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Appends a text so that it can be read back, and JSON as JSON.
void append_payload(std::string& out, const DecodedMessage& message) {
  if (message.payload().kind == JsonValue::Kind::kText) {
    append_reversible_text(out, message.payload_text());
  } else {
    append_escaped_text(out, message.payload_text());
  }
}

}  // namespace

void append_priority(std::string& out, int facility, std::int64_t severity) {
  out += '<';
  append_number(out, syslog_priority(facility, severity));
  out += '>';
}

absl::Status check_syslog_options(const SyslogOptions& options) {
  if (!is_ascii_name(options.app_name, kMaxSyslogApp, "[]:")) {
    return absl::InvalidArgumentError(
        fmt::format("app_name '{}' has a byte that is not printable ASCII, a colon or a bracket, "
                    "or more than {} bytes; write a plain name",
                    options.app_name, kMaxSyslogApp));
  }
  const std::string& id = options.sd_id;
  if (!id.empty() && !is_private_sd_id(id)) {
    return absl::InvalidArgumentError(
        fmt::format("sd_id '{}' is not NAME@ENTERPRISE_NUMBER in at most {} bytes; write "
                    "metlog@32473, or your own enterprise's number",
                    id, kMaxSdName));
  }
  return absl::OkStatus();
}

bool Rfc5424Encoder::encode(const DecodedMessage& message, Batch& batch) {
  line_.clear();
  append_priority(line_, options_.facility, message.severity);
  line_ += "1 ";
  char time[TimestampText::kBytes];
  line_.append(time, time_.append(time, utc_ns_of_timestamp(message.timestamp)));
  line_ += ' ';
  append_ascii_name(line_, message.hostname, kMaxSyslogHost, {}, "-");
  line_ += ' ';
  const std::string_view app_name = options_.app_name.empty() ? message.logger : options_.app_name;
  append_ascii_name(line_, app_name, kMaxSyslogApp, {}, "-");
  line_ += ' ';
  append_number(line_, message.pid);
  line_ += ' ';
  append_ascii_name(line_, message.type, kMaxSyslogMsgId, {}, "-");
  line_ += ' ';
  append_structured_data(message);
  line_ += ' ';
  if (options_.has_bom) line_ += kByteOrderMark;
  append_payload(line_, message);
  return commit_line(line_, batch);
}

void Rfc5424Encoder::append_structured_data(const DecodedMessage& message) {
  const std::size_t begin = line_.size();
  if (!options_.sd_id.empty()) {
    const std::string trace(message.field("trace_id").text);
    const std::string span(message.field("span_id").text);
    const bool has_trace = is_lower_hex(trace, 32) && is_lower_hex(span, 16);
    bool has_element = false;
    JsonMember member;
    for (MessageFields fields(message); fields.next(member);) {
      const std::string_view key = key_text(member);
      if (has_trace && (key == "trace_id" || key == "span_id")) continue;
      if (!has_element) line_ += '[' + options_.sd_id;
      has_element = true;
      line_ += ' ';
      append_ascii_name(line_, key, kMaxSdName, kNotInSdName, "_");
      line_ += "=\"";
      append_param_value(line_, member.value);
      line_ += '"';
    }
    if (has_element) line_ += ']';
    if (has_trace) {
      line_ += fmt::format(R"([opentelemetry trace_id="{}" span_id="{}"])", trace, span);
    }
  }
  if (line_.size() == begin) line_ += '-';
}

bool Rfc3164Encoder::encode(const DecodedMessage& message, Batch& batch) {
  line_.clear();
  append_priority(line_, options_.facility, message.severity);
  time_.append(line_, utc_ns_of_timestamp(message.timestamp));
  line_ += ' ';
  if (options_.has_hostname) {
    append_ascii_name(line_, message.hostname, kMaxSyslogHost, {}, "-");
    line_ += ' ';
  }
  append_syslog_tag(line_, options_.app_name.empty() ? message.logger : options_.app_name,
                    message.pid, "metlog");
  append_payload(line_, message);
  return commit_line(line_, batch);
}

void append_syslog_tag(std::string& out, std::string_view tag, std::optional<std::int64_t> pid,
                       std::string_view absent) {
  append_ascii_name(out, tag, kMaxSyslogTag, kNotInSyslogTag, absent);
  if (pid.has_value()) {
    out += '[';
    append_number(out, *pid);
    out += ']';
  }
  out += ": ";
}

}  // namespace metlog
