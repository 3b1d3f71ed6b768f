#include "tools/router/encode/cef_encoder.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "tools/router/decode/timestamp_check.h"
#include "tools/router/encode/syslog_encoder.h"

namespace metlog {
namespace {

constexpr std::size_t kMaxHost = 255;
constexpr std::size_t kMaxKey = 1023;

/// CEF's severity, 10 for the worst, of 0 (emergency) to 7 (debug).
constexpr int kCefSeverities[] = {10, 9, 8, 7, 5, 3, 2, 0};

constexpr std::string_view kPriorities[] = {"EMERG",   "ALERT",  "CRIT", "ERR",
                                            "WARNING", "NOTICE", "INFO", "DEBUG"};

std::optional<int> priority_of(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kPriorities); ++i) {
    if (kPriorities[i] == name) return static_cast<int>(i);
  }
  return std::nullopt;
}

bool has_option(std::string_view options, absl::string_view wanted) {
  for (const absl::string_view option :
       absl::StrSplit(absl::string_view(options.data(), options.size()), ',')) {
    if (absl::StripAsciiWhitespace(option) == wanted) return true;
  }
  return false;
}

/// The text of a member of fields.cef_meta; empty when there is none.
std::string meta_text(const DecodedMessage& message, std::string_view key) {
  return std::string(message.field(key, 0).text);
}

}  // namespace

bool CefEncoder::encode(const DecodedMessage& message, Batch& batch) {
  line_.clear();
  if (message.type == "cef") {
    append_made_line(message);
  } else {
    if (options_.has_header) append_header(message, options_.facility, message.severity);
    append_event(message);
  }
  return commit_line(line_, batch);
}

void CefEncoder::append_made_line(const DecodedMessage& message) {
  if (options_.has_header) {
    const Meta meta = meta_of(message);
    append_header(message, meta.facility, meta.priority);
    const std::optional<std::int64_t> pid =
        meta.has_pid ? std::optional(message.pid) : std::nullopt;
    append_syslog_tag(line_, meta.ident, pid, "metlogd");
  }
  append_escaped_text(line_, message.payload_text());
}

CefEncoder::Meta CefEncoder::meta_of(const DecodedMessage& message) const {
  Meta meta{options_.facility, options_.priority, meta_text(message, "cef_meta.syslog_ident")};
  if (meta.ident.empty()) meta.ident = options_.ident;
  const std::string facility = meta_text(message, "cef_meta.syslog_facility");
  meta.facility = syslog_facility(facility).value_or(options_.facility);
  meta.priority =
      priority_of(meta_text(message, "cef_meta.syslog_priority")).value_or(options_.priority);
  meta.has_pid = has_option(meta_text(message, "cef_meta.syslog_options"), "PID");
  return meta;
}

void CefEncoder::append_header(const DecodedMessage& message, int facility, std::int64_t severity) {
  append_priority(line_, facility, severity);
  time_.append(line_, utc_ns_of_timestamp(message.timestamp));
  line_ += ' ';
  if (!options_.has_hostname) return;
  append_ascii_name(line_, message.hostname, kMaxHost, {}, "-");
  line_ += ' ';
}

void CefEncoder::append_event(const DecodedMessage& message) {
  constexpr std::int64_t kMillisecondNs = 1'000'000;
  const JsonValue name = message.field("name");
  const bool has_name = name.kind == JsonValue::Kind::kText && !name.text.empty();
  line_ += "CEF:0";
  append_header_field(options_.vendor);
  append_header_field(options_.product);
  append_header_field(options_.version);
  append_header_field(message.type);
  append_header_field(has_name ? name.text : message.type);
  line_ += '|';
  append_number(line_, kCefSeverities[std::clamp<std::int64_t>(message.severity, 0, 7)]);
  line_ += "|rt=";
  append_number(line_, utc_ns_of_timestamp(message.timestamp) / kMillisecondNs);
  append_value("dvchost", message.hostname);
  line_ += " dvcpid=";
  append_number(line_, message.pid);
  append_value("msg", message.payload_text());
  JsonMember member;
  for (MessageFields fields(message); fields.next(member);) {
    const JsonValue value = read_json_value(member.value);
    append_value(key_text(member), value.kind == JsonValue::Kind::kText
                                       ? value.text
                                       : without_whitespace(member.value));
  }
}

void CefEncoder::append_header_field(std::string_view text) {
  line_ += '|';
  const std::size_t begin = line_.size();
  append_escaped_text(line_, text);
  put_backslashes(line_, begin, "|\\");
}

void CefEncoder::append_value(std::string_view key, std::string_view text) {
  line_ += ' ';
  if (key.empty()) line_ += '_';
  for (const char byte : key.substr(0, kMaxKey)) {
    const bool is_allowed = absl::ascii_isalnum(static_cast<unsigned char>(byte)) || byte == '_' ||
                            byte == '-' || byte == '.';
    line_ += is_allowed ? byte : '_';
  }
  line_ += '=';
  while (true) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::size_t begin = line_.size();
    append_escaped_text(line_, text.substr(0, end));
    put_backslashes(line_, begin, "=\\");
    if (end == text.size()) return;
    line_ += text[end] == '\n' ? "\\n" : "\\r";
    text.remove_prefix(end + 1);
  }
}

}  // namespace metlog
