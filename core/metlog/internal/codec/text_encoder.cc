#include "metlog/internal/codec/text_encoder.h"

#include <array>

#include "metlog/internal/codec/context_fields.h"
#include "metlog/internal/codec/format_writer.h"
#include "metlog/internal/site/type_code.h"
#include "metlog/internal/text/field_value_text.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/line_text.h"
#include "metlog/internal/text/number_text.h"

namespace metlog {
namespace {

// The names of the macros, padded to one width. They are short, and users grep for them.
char* append_severity(char* out, const MessageOrigin& origin) {
  constexpr std::string_view kNames[] = {"EMERG ", "ALERT ", "CRIT  ", "ERROR ",
                                         "WARN  ", "NOTICE", "INFO  ", "DEBUG "};
  if (origin.is_trace) return append_plain_text(out, "TRACE ");
  const std::int64_t severity = origin.severity;
  if (severity >= 0 && severity <= 7) return append_plain_text(out, kNames[severity]);
  char* const narrowest = out + kNames[0].size();
  out = append_int(out, severity);
  while (out < narrowest) *out++ = ' ';
  return out;
}

char* append_origin(char* out, const MessageOrigin& origin) {
  *out++ = ' ';
  out = append_severity(out, origin);
  *out++ = ' ';
  out = origin.logger.empty() ? append_plain_text(out, "-") : append_line_word(out, origin.logger);
  *out++ = ':';
  if (origin.type == "oldstyle") return out;
  return append_line_word(append_plain_text(out, " "), origin.type);
}

char* append_name(char* out, const SiteLayout& layout, const std::vector<ArgBytes>& args) {
  if (!layout.is_metric()) return out;
  return append_line_word(append_plain_text(out, " "), layout.name_arg == SIZE_MAX
                                                           ? layout.site->text
                                                           : args[layout.name_arg].text());
}

// Returns a value of a message that a filter has changed: a string as a word, others as JSON.
std::string line_value(const Value& value) {
  if (const std::string* const text = value.as_text()) return line_word(*text);
  std::string json;
  append_value_json(json, value);
  return line_text(json);
}

/// Appends the rate of a metric unless it is 1; in digits, as statsd lines have it.
char* append_rate(char* out, double rate) {
  return rate == 1.0 ? out : append_fixed_double(append_plain_text(out, " rate="), rate);
}

std::string rate_text(double rate) {
  std::array<char, kMaxFixedDoubleBytes + 8> buffer;
  return {buffer.data(), append_rate(buffer.data(), rate)};
}

}  // namespace

std::string LinePrefix::make(const MessageOrigin& origin) {
  constexpr std::size_t kConstant = 16;  // more than append_origin() adds to its parts
  std::string prefix(
      kConstant + kMaxIntBytes + kLineTextGrowth * (origin.type.size() + origin.logger.size()),
      '\0');
  const char* const end = append_origin(prefix.data(), origin);
  prefix.resize(static_cast<std::size_t>(end - prefix.data()));
  return prefix;
}

char* LinePrefix::render(char* out, const SiteLayout& layout, const std::vector<ArgBytes>& args,
                         const ClientText& client) const {
  return append_name(append_origin(out, layout.origin(args, client)), layout, args);
}

void TextEncoder::set_client(std::uint32_t slot, ClientText text) {
  additions_.set_client(slot, text);
  set_bound(slot, {.bytes = kLineTextGrowth * text.logger.size() + additions_.bytes(slot),
                   .place_factor = additions_.place_factor(slot)});
  prefix_.set_client(slot, std::move(text));
}

char* TextEncoder::encode(char* out, const RecordView& record, std::uint32_t slot) {
  const SiteLayout& layout = *record.layout;
  const bool goes_in_order = layout.goes_in_order(record);
  if (!goes_in_order) layout.locate(record, args_);
  out = timestamp_.append(out, record.utc_ns);
  out = prefix_.append(out, layout, args_, slot);
  *out = ' ';
  if (goes_in_order) {
    char* const end = body_.append_in_order(out + 1, record);
    if (end != out + 1) out = end;
    if (prefix_.client(slot).additions == nullptr) [[likely]]
      return out;
    return additions_.append(out, record, args_, slot);
  }
  char* const end = body_.append(out + 1, record, args_, prefix_.client(slot).timers);
  if (end != out + 1) out = end;
  if (layout.has_fields) out = field_writer_.append(out, layout, args_);
  if (layout.rate_arg != SIZE_MAX) {
    ByteCursor cursor(args_[layout.rate_arg].at, args_[layout.rate_arg].size);
    out = append_rate(out, cursor.take<double>());
  }
  if (record.context_bytes != 0) out = append_line_context(out, record, layout, args_);
  if (prefix_.client(slot).additions == nullptr) return out;
  return additions_.append(out, record, args_, slot);
}

std::string TextEncoder::encode(const EngineMessage& message, std::uint32_t slot) {
  std::string text(TimestampText::kBytes, '\0');
  timestamp_.append(text.data(), message.utc_ns);
  text += LinePrefix::make({message.type, prefix_.client(slot).logger, message.severity});
  text.append(" ").append(reversible_text(message.payload));
  for (const EngineField& field : message.fields) {
    text.append(" ").append(field.key).append("=").append(line_word(field.value));
  }
  return text +
         additions_.of(message.type, prefix_.client(slot).logger, message.severity, {}, slot);
}

std::string TextEncoder::encode(const Message& message, std::uint32_t slot) {
  const bool is_timer = message.type() == "timer";
  const Value* const name =
      is_timer || message.type() == "counter" ? message.fields().find("name") : nullptr;
  std::string text(TimestampText::kBytes, '\0');
  timestamp_.append(text.data(), message.utc_ns());
  text += LinePrefix::make({message.type(), message.logger(), message.severity()});
  if (name != nullptr) text.append(" ").append(line_value(*name));
  const std::string* const payload = message.payload().as_text();
  const std::string shown =
      payload != nullptr ? reversible_text(*payload) : line_value(message.payload());
  if (!shown.empty()) text.append(" ").append(shown);
  if (is_timer) text += " ms";
  for (const ValueEntry& field : message.fields()) {
    if (is_overwritten(message.fields(), field)) continue;
    if (name != nullptr && field.key == "name") continue;
    const double* const rate =
        name != nullptr && field.key == "rate" ? field.value.as_real() : nullptr;
    if (rate != nullptr) {
      text += rate_text(*rate);
      continue;
    }
    text.append(" ").append(line_word(field.key)).append("=").append(line_value(field.value));
  }
  return text + additions_.of(message.type(), message.logger(), message.severity(),
                              message.source(), slot);
}

}  // namespace metlog
