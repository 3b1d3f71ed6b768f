#include "tools/router/encode/field_text_encoder.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "tools/router/encode/line_parts.h"

namespace metlog {
namespace {

constexpr std::string_view kFields = "fields/";
constexpr std::array<std::string_view, 8> kKeys = {"payload",    "type",           "timestamp",
                                                   "logger",     "severity",       "env_version",
                                                   "metlog_pid", "metlog_hostname"};

/// The value at a path of keys with `/` between them.
JsonValue value_at(const DecodedMessage& message, std::string_view path) {
  const JsonValue whole = message.field(path);  // a key may have a slash in it
  if (whole.kind != JsonValue::Kind::kAbsent) return whole;
  std::string dotted(path);
  std::replace(dotted.begin(), dotted.end(), '/', '.');
  return message.field(dotted, 0);
}

}  // namespace

bool is_part_of_message(const std::string& field) {
  return (field.starts_with(kFields) && field.size() > kFields.size()) ||
         std::find(kKeys.begin(), kKeys.end(), field) != kKeys.end();
}

bool FieldTextEncoder::encode(const DecodedMessage& message, Batch& batch) {
  line_.clear();
  if (options_.has_timestamp) {
    append_escaped_text(line_, message.timestamp);
    line_ += ' ';
  }
  append_field(message);
  return commit_line(line_, batch);
}

void FieldTextEncoder::append_field(const DecodedMessage& message) {
  const std::string_view field = options_.field;
  const auto append = [this](std::string_view text) {
    append_escaped_text(line_, text.substr(0, text.find_last_not_of("\r\n") + 1));
  };
  if (field == "payload") return append(message.payload_text());
  if (field == "type") return append(message.type);
  if (field == "timestamp") return append(message.timestamp);
  if (field == "logger") return append(message.logger);
  if (field == "env_version") return append(message.env_version);
  if (field == "metlog_hostname") return append(message.hostname);
  if (field == "severity") return append_number(line_, message.severity);
  if (field == "metlog_pid") return append_number(line_, message.pid);
  const JsonValue value = value_at(message, field.substr(kFields.size()));
  if (value.kind == JsonValue::Kind::kText) return append(value.text);
  if (value.kind != JsonValue::Kind::kNull) append(without_whitespace(value.json));
}

}  // namespace metlog
