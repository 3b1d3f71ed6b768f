#include "metlog/internal/codec/statsd_line.h"

#include <cmath>

#include "metlog/internal/text/field_value_text.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/statsd_text.h"

namespace metlog {
namespace {

/// A number that is JSON, without an exponent; null when it is not finite.
char* append_plain_number(char* out, std::string_view json) {
  if (json.find_first_of("eE") == std::string_view::npos) return append_plain_text(out, json);
  const double value = leading_number(json);
  return std::isfinite(value) ? append_statsd_number(out, value, true) : nullptr;
}

char* append_leading_number(char* out, std::string_view text) {
  const double value = leading_number(text);
  return std::isfinite(value) ? append_statsd_number(out, value, true) : nullptr;
}

char* append_rate(char* out, double rate) {
  if (!(rate > 0 && rate < 1)) return out;
  return append_statsd_number(append_plain_text(out, "|@"), rate, true);
}

std::string plain_text(const Value* value) {
  if (value == nullptr) return "";
  if (const std::string* const text = value->as_text()) return *text;
  std::string json;
  append_value_json(json, *value);
  return json;
}

std::string name_text(std::string_view name) {
  std::string cleaned(name);
  const char* const end = append_statsd_name(cleaned.data(), cleaned, kNotInStatsdName);
  cleaned.resize(static_cast<std::size_t>(end - cleaned.data()));
  return cleaned;
}

/// The value of a metric; null when it is not finite.
char* append_value(char* out, const RecordFields& fields) {
  const SiteLayout& layout = *fields.record.layout;
  const std::size_t payload = layout.payload_arg;
  char digits[kMaxFixedDoubleBytes];
  const char* const end = append_metric_value(digits, fields);
  const std::string_view number(digits, static_cast<std::size_t>(end - digits));
  if (number != "null") return append_plain_number(out, number);
  const bool is_text = payload != SIZE_MAX && layout.args[payload].type == "s";
  return is_text ? append_leading_number(out, fields.args[payload].text()) : nullptr;
}

}  // namespace

bool has_statsd_line(const RecordFields& fields) {
  char value[kMaxFixedDoubleBytes];
  return fields.record.layout->is_metric() && append_value(value, fields) != nullptr;
}

char* append_statsd_line(char* out, std::string_view prefix, const RecordFields& fields) {
  const SiteLayout& layout = *fields.record.layout;
  if (!layout.is_metric()) return nullptr;
  out = append_plain_text(out, prefix);
  char* const space = out;
  out = append_one_field(out, "logger", fields.record, fields.args);
  if (out != space) {
    const std::string_view logger(space, static_cast<std::size_t>(out - space));
    out = append_plain_text(append_statsd_name(space, logger, kNotInStatsdName), ".");
  }
  const std::string_view name = layout.name_arg == SIZE_MAX ? std::string_view(layout.site->text)
                                                            : fields.args[layout.name_arg].text();
  out = append_plain_text(append_statsd_name(out, name, kNotInStatsdName), ":");
  out = append_value(out, fields);
  if (out == nullptr) return nullptr;
  out = append_plain_text(out, layout.site->kind == SiteKind::kTimer ? "|ms" : "|c");
  if (layout.rate_arg == SIZE_MAX) return out;
  const ArgBytes& rate = fields.args[layout.rate_arg];
  return append_rate(out, ByteCursor(rate.at, rate.size).take<double>());
}

std::string statsd_line(std::string_view prefix, const Message& message) {
  const ValueMap& fields = message.fields();
  std::string line(prefix);
  const bool is_loss = message.type() == "metlog.loss";
  const bool is_timer = message.type() == "timer";
  if (!is_loss && !is_timer && message.type() != "counter") return "";
  const std::string logger = is_loss ? "metlog.loss" : plain_text(fields.find("logger"));
  if (!logger.empty()) line += name_text(logger) + ".";
  line += name_text(plain_text(fields.find(is_loss ? "reason" : "name"))) + ":";
  const std::string number = plain_text(is_loss ? fields.find("count") : &message.payload());
  char digits[2 * kMaxFixedDoubleBytes];
  char* end = is_json_number(number) && number.size() < kMaxFixedDoubleBytes
                  ? append_plain_number(digits, number)
                  : append_leading_number(digits, number);
  if (end == nullptr) return "";
  line.append(digits, end).append(is_timer ? "|ms" : "|c");
  const double rate = leading_number(plain_text(fields.find("rate")));
  return line.append(digits, append_rate(digits, rate));
}

}  // namespace metlog
