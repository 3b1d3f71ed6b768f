#include "metlog/internal/codec/envelope_encoder.h"

#include <cstring>
#include <string_view>

#include "metlog/field.h"
#include "metlog/internal/codec/context_fields.h"
#include "metlog/internal/codec/field_styles.h"
#include "metlog/internal/text/field_value_text.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/value_text.h"

namespace metlog {
namespace {

char* append_json_arg(char* out, std::string_view type, const ArgBytes& bytes) {
  if (type == "s") {
    *out++ = '"';
    out = append_json_text(out, bytes.text());
    *out++ = '"';
    return out;
  }
  ByteCursor cursor(bytes.at, bytes.size);
  return append_json_value(out, type, cursor);
}

/// A filter has read the payload of a metric as a string, or has set it as any value.
Value payload_of(const Message& message, const ClientText& client) {
  const std::string* const text = message.payload().as_text();
  const bool is_metric = message.type() == "counter" || message.type() == "timer";
  if (!client.has_numbers || !is_metric || text == nullptr || !is_json_number(*text)) {
    return message.payload();
  }
  return Digits{*text};
}

}  // namespace

EnvelopePrefix::EnvelopePrefix(const ProcessText& process)
    : tail_(",\"env_version\":\"" + std::string(kEnvVersion) +
            "\",\"metlog_pid\":" + std::to_string(process.pid) + ",\"metlog_hostname\":\"" +
            json_text(process.hostname) + "\",\"timestamp\":\"") {}

char* EnvelopePrefix::render(char* out, const SiteLayout& layout, const std::vector<ArgBytes>& args,
                             const ClientText& client) const {
  return append_origin(out, layout.origin(args, client));
}

std::string EnvelopePrefix::make(const MessageOrigin& origin) const {
  constexpr std::size_t kConstant = 64;  // more than append_origin() adds to its parts
  std::string prefix(kConstant + kMaxIntBytes + tail_.size() +
                         kJsonTextGrowth * (origin.type.size() + origin.logger.size()),
                     '\0');
  const char* const end = append_origin(prefix.data(), origin);
  prefix.resize(static_cast<std::size_t>(end - prefix.data()));
  return prefix;
}

char* EnvelopePrefix::append_origin(char* out, const MessageOrigin& origin) const {
  out = append_json_text(append_plain_text(out, "{\"type\":\""), origin.type);
  out = append_json_text(append_plain_text(out, "\",\"logger\":\""), origin.logger);
  out = append_int(append_plain_text(out, "\",\"severity\":"), origin.severity);
  return append_plain_text(out, tail_);
}

void EnvelopeEncoder::set_client(std::uint32_t slot, ClientText text) {
  additions_.set_client(slot, text);
  set_bound(slot, {.bytes = prefix_.constant_bytes() + kJsonTextGrowth * text.logger.size() +
                            additions_.bytes(slot),
                   .place_factor = additions_.place_factor(slot)});
  prefix_.set_client(slot, std::move(text));
}

char* EnvelopeEncoder::encode(char* out, const RecordView& record, std::uint32_t slot) {
  const SiteLayout& layout = *record.layout;
  const bool goes_in_order = layout.goes_in_order(record);
  if (!goes_in_order) layout.locate(record, args_);
  out = prefix_.append(out, layout, args_, slot);
  out = timestamp_.append(out, record.utc_ns);
  if (goes_in_order) {
    out = append_plain_text(out, "\",\"payload\":\"");
    out = format_writer_.append_in_order(out, record);
    if (prefix_.client(slot).additions == nullptr) [[likely]]
      return append_plain_text(out, "\",\"fields\":{}}");
    out = append_plain_text(out, "\",\"fields\":{}");
    return append_plain_text(additions_.append(out, record, args_, slot), "}");
  }
  timers_ = prefix_.client(slot).timers;
  has_numbers_ = prefix_.client(slot).has_numbers;
  out = append_plain_text(out, "\",\"payload\":");
  out = append_payload(out, layout, record);
  out = append_plain_text(out, ",\"fields\":{");
  const char* const fields = out;
  if (layout.has_fields || layout.is_metric()) out = append_fields(out, layout);
  if (record.context_bytes != 0) {
    out = append_json_context(out, out == fields, record, layout, args_);
  }
  if (prefix_.client(slot).additions == nullptr) [[likely]]
    return append_plain_text(out, "}}");
  out = additions_.append(append_plain_text(out, "}"), record, args_, slot);
  return append_plain_text(out, "}");
}

char* EnvelopeEncoder::append_payload(char* out, const SiteLayout& layout,
                                      const RecordView& record) {
  if (layout.payload_arg != SIZE_MAX) {
    const ArgLayout& payload = layout.args[layout.payload_arg];
    if (payload.role == ArgRole::kPayload) {
      return append_json_arg(out, payload.type, args_[layout.payload_arg]);
    }
    ByteCursor value(args_[layout.payload_arg].at, args_[layout.payload_arg].size);
    if (payload.role == ArgRole::kPayloadValue) return append_json_field_value(out, value);
  }
  if (has_numbers_ && layout.is_metric()) return append_number(out, layout, record);
  *out++ = '"';
  if (layout.site->kind == SiteKind::kLog) out = format_writer_.append(out, layout, args_);
  if (layout.is_metric()) out = append_metric(out, layout, record);
  *out++ = '"';
  return out;
}

/// Writes a metric as a number; as a string where JSON has no such number.
char* EnvelopeEncoder::append_number(char* out, const SiteLayout& layout,
                                     const RecordView& record) {
  char* const end = append_metric(out + 1, layout, record);
  const std::string_view text(out + 1, static_cast<std::size_t>(end - out - 1));
  if (is_json_number(text)) {
    std::memmove(out, text.data(), text.size());
    return end - 1;
  }
  *out = '"';
  *end = '"';
  return end + 1;
}

char* EnvelopeEncoder::append_metric(char* out, const SiteLayout& layout,
                                     const RecordView& record) {
  if (layout.payload_arg == SIZE_MAX) {
    *out++ = '1';
    return out;
  }
  const ArgLayout& arg = layout.args[layout.payload_arg];
  ByteCursor cursor(args_[layout.payload_arg].at, args_[layout.payload_arg].size);
  if (arg.role == ArgRole::kElapsed) {
    const std::uint64_t ns = record.clock->span_ns(cursor.take<std::uint64_t>());
    return timers_ == TimerResolution::kNanoseconds ? append_milliseconds(out, ns)
                                                    : append_uint(out, (ns + 500'000) / 1'000'000);
  }
  if (arg.type == "s") return append_json_text(out, args_[layout.payload_arg].text());
  return append_count(out, arg.type, cursor);
}

char* EnvelopeEncoder::append_fields(char* out, const SiteLayout& layout) {
  char* const begin = out;
  out = field_writer_.append(out, layout, args_);
  if (layout.is_metric()) return append_metric_fields(out, layout);
  return out == begin ? out : out - 1;
}

char* EnvelopeEncoder::append_metric_fields(char* out, const SiteLayout& layout) {
  if (layout.name_arg == SIZE_MAX) {
    out = append_plain_text(out, layout.name_field);
  } else {
    out = EnvelopeFields::append_text(EnvelopeFields::append_key(out, "name"),
                                      args_[layout.name_arg].text());
  }
  if (layout.rate_arg == SIZE_MAX) return append_plain_text(out, ",\"rate\":1.0");
  out = append_plain_text(out, ",\"rate\":");
  ByteCursor cursor(args_[layout.rate_arg].at, args_[layout.rate_arg].size);
  return append_json_double(out, cursor.take<double>());
}

std::string EnvelopeEncoder::encode(const EngineMessage& message, std::uint32_t slot) {
  std::string text = prefix_.make({message.type, prefix_.client(slot).logger, message.severity});
  char time[TimestampText::kBytes];
  timestamp_.append(time, message.utc_ns);
  text.append(time, sizeof time);
  text += "\",\"payload\":\"" + json_text(message.payload) + "\",\"fields\":{";
  for (const EngineField& field : message.fields) {
    if (text.back() != '{') text += ',';
    const std::string_view quote = field.is_number ? "" : "\"";
    text.append("\"").append(field.key).append("\":");
    text.append(quote).append(json_text(field.value)).append(quote);
  }
  const std::string added =
      additions_.of(message.type, prefix_.client(slot).logger, message.severity, {}, slot);
  return text + "}" + added + "}";
}

std::string EnvelopeEncoder::encode(const Message& message, std::uint32_t slot) {
  std::string text = prefix_.make({message.type(), message.logger(), message.severity()});
  char time[TimestampText::kBytes];
  timestamp_.append(time, message.utc_ns());
  text.append(time, sizeof time).append("\",\"payload\":");
  append_value_json(text, payload_of(message, prefix_.client(slot)));
  text += ",\"fields\":";
  append_value_json(text, message.fields());
  text +=
      additions_.of(message.type(), message.logger(), message.severity(), message.source(), slot);
  return text.append("}");
}

}  // namespace metlog
