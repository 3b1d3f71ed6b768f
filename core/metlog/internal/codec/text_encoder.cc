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

// Writes microseconds, and nanoseconds if there are any: 0.412, 0.004213.
char* append_elapsed(char* out, std::uint64_t ns, TimerResolution resolution) {
  if (resolution == TimerResolution::kMilliseconds) {
    out = append_uint(out, (ns + 500'000) / 1'000'000);
  } else {
    out = append_milliseconds(out, ns);
    if (ns % 1'000 == 0) out -= 3;
  }
  return append_plain_text(out, " ms");
}

bool is_text(const ArgLayout& arg) { return arg.type == "s"; }

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
  set_client_bytes(slot, kLineTextGrowth * text.logger.size());
  prefix_.set_client(slot, std::move(text));
}

char* TextEncoder::encode(char* out, const RecordView& record, std::uint32_t slot) {
  const SiteLayout& layout = *record.layout;
  const bool goes_in_order = layout.goes_in_order(record);
  if (!goes_in_order) layout.locate(record, args_);
  out = timestamp_.append(out, record.utc_ns);
  out = prefix_.append(out, layout, args_, slot);
  if (goes_in_order) {
    *out = ' ';
    char* const end = format_writer_.append_in_order(out + 1, record);
    return end == out + 1 ? out : end;
  }
  timers_ = prefix_.client(slot).timers;
  out = append_payload(out, layout, record);
  if (layout.has_fields || layout.rate_arg != SIZE_MAX) out = append_fields(out, layout);
  return record.context_bytes == 0 ? out : append_line_context(out, record, layout, args_);
}

char* TextEncoder::append_payload(char* out, const SiteLayout& layout, const RecordView& record) {
  char* const begin = out;
  *out++ = ' ';
  if (layout.payload_arg == SIZE_MAX) {
    if (layout.site->kind == SiteKind::kLog) out = format_writer_.append(out, layout, args_);
    if (layout.is_metric()) *out++ = '1';
    return out == begin + 1 ? begin : out;
  }
  const ArgLayout& arg = layout.args[layout.payload_arg];
  const ArgBytes& bytes = args_[layout.payload_arg];
  ByteCursor cursor(bytes.at, bytes.size);
  if (arg.role == ArgRole::kElapsed) {
    return append_elapsed(out, record.clock->span_ns(cursor.take<std::uint64_t>()), timers_);
  }
  if (arg.role == ArgRole::kCount) {
    out = is_text(arg) ? append_line_text(out, bytes.text()) : append_count(out, arg.type, cursor);
    return layout.site->kind == SiteKind::kTimer ? append_plain_text(out, " ms") : out;
  }
  if (arg.role == ArgRole::kPayloadValue) {
    out = append_line_payload_value(out, cursor);
  } else {
    out = is_text(arg) ? append_line_text(out, bytes.text()) : append_value(out, arg.type, cursor);
  }
  return out == begin + 1 ? begin : out;
}

char* TextEncoder::append_fields(char* out, const SiteLayout& layout) {
  WrittenMembers members;
  for (std::size_t i = 0; i < layout.args.size(); ++i) {
    const ArgLayout& arg = layout.args[i];
    if (arg.role == ArgRole::kFieldList) out = append_field_list(out, layout, args_[i], members);
    if (arg.role != ArgRole::kField || layout.is_shadowed(args_[i].key)) continue;
    const char* const begin = out;
    *out++ = ' ';
    out = append_line_word(out, args_[i].key);
    if (layout.may_repeat_keys) members.add(begin, begin, out);
    *out++ = '=';
    ByteCursor cursor(args_[i].at, args_[i].size);
    out =
        is_text(arg) ? append_line_word(out, args_[i].text()) : append_value(out, arg.type, cursor);
  }
  out = members.keep_last(out);
  if (layout.rate_arg == SIZE_MAX) return out;
  ByteCursor cursor(args_[layout.rate_arg].at, args_[layout.rate_arg].size);
  return append_rate(out, cursor.take<double>());
}

char* TextEncoder::append_field_list(char* out, const SiteLayout& layout, const ArgBytes& bytes,
                                     WrittenMembers& members) {
  ByteCursor cursor(bytes.at, bytes.size);
  const auto count = cursor.take<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && !cursor.is_at_end(); ++i) {
    const std::string_view key = cursor.take_text(cursor.take<std::uint32_t>());
    char* end = append_line_word(append_plain_text(out, " "), key);
    const char* const key_end = end;
    *end++ = '=';
    end = append_line_field_value(end, cursor);
    if (layout.is_shadowed(key)) continue;
    members.add(out, out, key_end);
    out = end;
  }
  return out;
}

// Writes a scalar as in a log text, a string as a word, a composite as JSON.
char* TextEncoder::append_value(char* out, std::string_view code, ByteCursor& bytes) {
  const char letter = code[0];
  if (letter == 's') return append_line_word(out, bytes.take_text(bytes.take<std::uint32_t>()));
  if (letter == 'c') return append_line_word(out, bytes.take_text(1));
  // Characters, which may need an escape, and times, which may have spaces: `5ns since epoch`.
  constexpr std::string_view kWords = "CDEJQUt";
  if (kWords.find(letter) != std::string_view::npos) {
    char word[kValueTextExtra];
    const char* const end = append_text_value(word, code, bytes);
    return append_line_word(out, {word, static_cast<std::size_t>(end - word)});
  }
  if (scalar_bytes(letter) != 0) return append_text_value(out, code, bytes);
  composite_.resize(kValueTextExtra + value_text_growth(code) * bytes.left());
  const char* const end = append_json_value(composite_.data(), code, bytes);
  return append_line_text(out,
                          {composite_.data(), static_cast<std::size_t>(end - composite_.data())});
}

std::string TextEncoder::encode(const EngineMessage& message, std::uint32_t slot) {
  std::string text(TimestampText::kBytes, '\0');
  timestamp_.append(text.data(), message.utc_ns);
  text += LinePrefix::make({message.type, prefix_.client(slot).logger, message.severity});
  text.append(" ").append(line_text(message.payload));
  for (const EngineField& field : message.fields) {
    text.append(" ").append(field.key).append("=").append(line_word(field.value));
  }
  return text;
}

std::string TextEncoder::encode(const Message& message) {
  const bool is_timer = message.type() == "timer";
  const Value* const name =
      is_timer || message.type() == "counter" ? message.fields().find("name") : nullptr;
  std::string text(TimestampText::kBytes, '\0');
  timestamp_.append(text.data(), message.utc_ns());
  text += LinePrefix::make({message.type(), message.logger(), message.severity()});
  if (name != nullptr) text.append(" ").append(line_value(*name));
  const std::string* const payload = message.payload().as_text();
  const std::string shown =
      payload != nullptr ? line_text(*payload) : line_value(message.payload());
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
  return text;
}

}  // namespace metlog
