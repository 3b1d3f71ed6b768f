#include "tools/router/output/message_encoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/statsd_text.h"

namespace metlog {
namespace {

/// Replaces a line break by a space. In valid JSON a raw line break is always whitespace between
/// tokens, for strings hold no raw control characters.
void replace_all(char* begin, char* end, char line_break) {
  char* found = begin;
  while ((found = static_cast<char*>(
              std::memchr(found, line_break, static_cast<std::size_t>(end - found)))) != nullptr) {
    *found = ' ';
  }
}

}  // namespace

bool JsonLinesEncoder::encode(const DecodedMessage& message, Batch& batch) {
  char* begin = batch.reserve(message.raw.size());
  char* end = std::copy(message.raw.begin(), message.raw.end(), begin);
  if (!message.is_one_line) {
    replace_all(begin, end, '\n');
    replace_all(begin, end, '\r');
  }
  batch.commit(end, Batch::Origin::kUser);
  return true;
}

namespace {

using Kind = JsonValue::Kind;

double number_of(const JsonValue& value) {
  return value.kind == Kind::kText ? leading_number(value.text) : value.number;
}

void append_name(std::string& out, std::string_view name, std::string_view excluded) {
  const std::size_t begin = out.size();
  out.resize(begin + name.size());
  const char* const end = append_statsd_name(out.data() + begin, name, excluded);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

void append_value(std::string& out, const JsonValue& value, std::string_view excluded) {
  if (value.kind == Kind::kNumber) {
    char digits[kMaxDoubleBytes];
    out.append(digits, append_text_double(digits, value.number));
  } else if (value.kind == Kind::kBool) {
    out += value.json;
  } else {
    append_name(out, value.text, excluded);
  }
}

constexpr std::string_view kNotInTaggedName = ":|@#,";
constexpr std::string_view kNotInTag = "|#,";

}  // namespace

bool StatsdEncoder::encode(const DecodedMessage& message, Batch& batch) {
  const double value = number_of(message.payload());
  if (!std::isfinite(value)) return false;
  line_.clear();
  append_space(message);
  append_value(line_, message.field("name"),
               options_.tags.empty() ? kNotInStatsdName : kNotInTaggedName);
  line_ += ':';
  append_number(value);
  line_ += '|';
  line_ += message.type == "timer" ? std::string_view(options_.timer_type) : "c";
  const double share = number_of(message.field("rate"));
  if (share > 0 && share < 1) {
    line_ += "|@";
    append_number(share);
  }
  if (!options_.tags.empty()) append_tags(message);
  batch.commit(std::copy(line_.begin(), line_.end(), batch.reserve(line_.size())),
               Batch::Origin::kUser);
  return true;
}

void StatsdEncoder::append_space(const DecodedMessage& message) {
  const std::string_view excluded = options_.tags.empty() ? kNotInStatsdName : kNotInTaggedName;
  line_ += options_.prefix;
  const std::size_t begin = line_.size();
  if (options_.space == Space::kFieldsLogger || options_.space == Space::kFieldsLoggerOrLogger) {
    append_name(line_, message.field("logger").text, excluded);
  }
  if (line_.size() == begin &&
      (options_.space == Space::kLogger || options_.space == Space::kFieldsLoggerOrLogger)) {
    append_name(line_, message.logger, excluded);
  }
  if (line_.size() != begin) line_ += '.';
}

void StatsdEncoder::append_number(double value) {
  char digits[kMaxFixedDoubleBytes];
  line_.append(digits, append_statsd_number(digits, value, options_.has_whole_numbers));
}

void StatsdEncoder::append_tags(const DecodedMessage& message) {
  std::string_view separator = "|#";
  for (const std::string& tag : options_.tags) {
    JsonValue value;
    value.kind = Kind::kText;
    std::string number;
    if (tag == "Hostname") {
      value.text = message.hostname;
    } else if (tag == "Logger") {
      value.text = message.logger;
    } else if (tag == "Type") {
      value.text = message.type;
    } else if (tag == "Severity" || tag == "Pid") {
      number = std::to_string(tag == "Pid" ? message.pid : message.severity);
      value.text = number;
    } else {
      value = message.field(tag, 0);
    }
    if (value.kind != Kind::kText && value.kind != Kind::kNumber && value.kind != Kind::kBool) {
      continue;
    }
    line_ += std::exchange(separator, ",");
    append_name(line_, tag, kNotInTaggedName);
    line_ += ':';
    append_value(line_, value, kNotInTag);
  }
}

}  // namespace metlog
