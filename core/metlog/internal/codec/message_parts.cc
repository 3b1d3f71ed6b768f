#include "metlog/internal/codec/message_parts.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "metlog/internal/codec/statsd_line.h"
#include "metlog/internal/text/field_value_text.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/line_text.h"

namespace metlog {
namespace {

constexpr std::string_view kTraceKey = "trace_id";
constexpr std::string_view kSpanKey = "span_id";

/// The member of a trace or span; nothing for any other key.
std::string_view trace_member(std::string_view key, LayoutStyle style) {
  const bool is_ecs = style == LayoutStyle::kEcs;
  if (key == kTraceKey) return is_ecs ? ",\"trace.id\":" : ",\"traceId\":";
  if (key == kSpanKey) return is_ecs ? ",\"span.id\":" : ",\"spanId\":";
  return {};
}

/// True for the JSON of as many hexadecimal digits as such an id has.
bool is_id(std::string_view key, std::string_view json) {
  const std::size_t digits = key == kTraceKey ? 32 : 16;
  return json.size() == digits + 2 && json.front() == '"' &&
         std::all_of(json.begin() + 1, json.end() - 1, [](char letter) {
           return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
         });
}

/// What the context says of a trace, as JSON; empty when it is no id.
struct TraceIds {
  std::string_view trace;
  std::string_view span;

  [[nodiscard]] bool is_whole() const { return !trace.empty() && !span.empty(); }
  void note(std::string_view key, std::string_view json) {
    if (key == kTraceKey && is_id(key, json)) trace = json;
    if (key == kSpanKey && is_id(key, json)) span = json;
  }
};

TraceIds trace_ids(const RecordFields& fields) {
  TraceIds ids;
  for_each_context_field(fields.record, fields.args,
                         [&](auto key, auto json, auto) { ids.note(key, json); });
  return ids;
}

/// The element of a trace; its ids are in quotes.
char* append_trace_element(char* out, std::string_view trace, std::string_view span) {
  out = append_plain_text(append_plain_text(out, "[opentelemetry trace_id="), trace);
  out = append_plain_text(append_plain_text(out, " span_id="), span);
  return append_plain_text(out, "]");
}

std::string json_of(const Value& value) {
  std::string json;
  append_value_json(json, value);
  return json;
}

/// A value as a line shows it: a string as a word, others as JSON.
std::string line_of(const Value& value) {
  const std::string* const text = value.as_text();
  return text != nullptr ? line_word(*text) : line_text(json_of(value));
}

std::string styled(std::string_view text, LayoutStyle style) {
  switch (style) {
    case LayoutStyle::kLine:
    case LayoutStyle::kSyslog:
      return reversible_text(text);
    case LayoutStyle::kJournal:
      return block_text(text);
    case LayoutStyle::kLogfmt:
      return quoted_text(text);
    default:
      return json_text(text);
  }
}

bool is_metric(const Message& message) {
  return message.type() == "counter" || message.type() == "timer";
}

std::string plain_text(const Value& value) {
  const std::string* const text = value.as_text();
  return text != nullptr ? *text : json_of(value);
}

/// A value as text, escaped.
std::string shown(const Value& value, LayoutStyle style) {
  const std::string* const text = value.as_text();
  if (text != nullptr) return styled(*text, style);
  const bool is_line = style == LayoutStyle::kLine || style == LayoutStyle::kSyslog;
  return is_line ? line_text(json_of(value)) : styled(json_of(value), style);
}

/// The text of kText, kMessage and kPayload.
std::string text_of(PartKind kind, const Message& message, LayoutStyle style) {
  std::string payload = shown(message.payload(), style);
  if (message.type() == "timer") payload += " ms";
  if (kind == PartKind::kPayload || message.type() == "oldstyle") return payload;
  std::string text;
  if (kind == PartKind::kText) text = styled(message.type(), style);
  const Value* const name = is_metric(message) ? message.fields().find("name") : nullptr;
  if (name != nullptr) text.append(text.empty() ? "" : " ").append(shown(*name, style));
  if (!payload.empty()) text.append(text.empty() ? "" : " ").append(payload);
  return text.empty() ? styled(message.type(), style) : text;
}

template <class Style>
void append_message_field(std::string& out, std::string_view key, const Value& value) {
  const std::string json = json_of(value);
  const std::string line = line_of(value);
  constexpr std::size_t kGrowth = 16;  // see append_any_value()
  constexpr std::size_t kExtra = 128;
  std::string buffer(kExtra + kGrowth * (key.size() + json.size()) + line.size(), '\0');
  char* end = buffer.data();
  if constexpr (Style::kBefore != 0) *end++ = Style::kBefore;
  end = Style::append_json(Style::append_key(end, key), json, line);
  if constexpr (Style::kAfter != 0) *end++ = Style::kAfter;
  out.append(buffer.data(), end);
}

/// The trace of a message as an element of its own; empty when there is no whole one.
std::string trace_element(const Message& message) {
  std::string trace;
  std::string span;
  TraceIds ids;
  if (const Value* const value = message.fields().find(kTraceKey)) trace = json_of(*value);
  if (const Value* const value = message.fields().find(kSpanKey)) span = json_of(*value);
  ids.note(kTraceKey, trace);
  ids.note(kSpanKey, span);
  if (!ids.is_whole()) return "";
  char element[128];
  return {element, append_trace_element(element, trace, span)};
}

template <class Style>
std::string fields_of(const Message& message) {
  std::string out;
  const bool is_line = std::is_same_v<Style, LineFields>;
  const bool has_element = std::is_same_v<Style, SyslogFields> && !trace_element(message).empty();
  for (const ValueEntry& field : message.fields()) {
    if (is_overwritten(message.fields(), field)) continue;
    if (has_element && is_trace_key(field.key)) continue;
    if (is_line && is_metric(message) && (field.key == "name" || field.key == "rate")) continue;
    append_message_field<Style>(out, field.key, field.value);
  }
  if (!is_line && is_metric(message)) {
    const std::string number = plain_text(message.payload());
    const Value value = is_json_number(number) ? Value(Digits{number}) : Value(message.payload());
    append_message_field<Style>(out, "metric_value", value);
  }
  return out;
}

std::string trace_of(const Message& message, LayoutStyle style) {
  if (style == LayoutStyle::kSyslog) return trace_element(message);
  std::string out;
  for (const std::string_view key : {kTraceKey, kSpanKey}) {
    const Value* const value = message.fields().find(key);
    if (value == nullptr) continue;
    const std::string json = json_of(*value);
    if (is_id(key, json)) out.append(trace_member(key, style)).append(json);
  }
  return out;
}

std::string fields_in(LayoutStyle style, const Message& message) {
  switch (style) {
    case LayoutStyle::kLine:
      return fields_of<LineFields>(message);
    case LayoutStyle::kLogfmt:
      return fields_of<LogfmtFields>(message);
    case LayoutStyle::kGelf:
      return fields_of<GelfFields>(message);
    case LayoutStyle::kOtel:
      return fields_of<OtelFields>(message);
    case LayoutStyle::kSyslog:
      return fields_of<SyslogFields>(message);
    case LayoutStyle::kJournal:
      return fields_of<JournalFields>(message);
    case LayoutStyle::kEcs:
    case LayoutStyle::kStatsd:
      break;
  }
  std::string fields = fields_of<EcsFields>(message);
  if (!fields.empty()) fields.back() = '}';
  return fields.empty() ? "" : ",\"labels\":{" + fields;
}

}  // namespace

std::string thread_part(PartKind kind, const ThreadText& thread, LayoutStyle style) {
  std::string id = std::to_string(thread.id);
  if (kind == PartKind::kThreadId) return id;
  std::string name =
      style == LayoutStyle::kLogfmt ? line_word(thread.name) : styled(thread.name, style);
  if (kind == PartKind::kThreadName) return name;
  switch (style) {
    case LayoutStyle::kLogfmt:
      return " thread=" + id;
    case LayoutStyle::kEcs:
      return ",\"process.thread.id\":" + id + ",\"process.thread.name\":\"" + name + "\"";
    case LayoutStyle::kGelf:
      return "\"_thread\":" + id + ",\"_thread_name\":\"" + name + "\",";
    case LayoutStyle::kOtel:
      return "{\"key\":\"thread.id\",\"value\":{\"intValue\":\"" + id +
             "\"}},{\"key\":\"thread.name\",\"value\":{\"stringValue\":\"" + name + "\"}},";
    case LayoutStyle::kSyslog:
      return " thread=\"" + id + "\"";
    case LayoutStyle::kJournal:
      return "\nTID=" + id + "\nTHREAD_NAME=" + line_text(thread.name);
    case LayoutStyle::kLine:
    case LayoutStyle::kStatsd:
      break;
  }
  return "";
}

bool is_trace_key(std::string_view key) { return key == kTraceKey || key == kSpanKey; }

bool has_trace_element(const RecordFields& fields) {
  return fields.record.context_bytes != 0 && trace_ids(fields).is_whole();
}

char* append_trace(char* out, const RecordFields& fields, LayoutStyle style) {
  if (style == LayoutStyle::kSyslog) {
    const TraceIds ids = trace_ids(fields);
    return ids.is_whole() ? append_trace_element(out, ids.trace, ids.span) : out;
  }
  for_each_context_field(fields.record, fields.args, [&](auto key, auto json, auto) {
    const std::string_view member = trace_member(key, style);
    if (member.empty() || !is_id(key, json)) return;
    out = append_plain_text(append_plain_text(out, member), json);
  });
  return out;
}

char* append_one_field(char* out, std::string_view key, const RecordView& record,
                       const std::vector<ArgBytes>& args) {
  const SiteLayout& layout = *record.layout;
  char* end = out;
  std::vector<char> scratch;
  for (std::size_t i = 0; i < layout.args.size(); ++i) {
    if (layout.args[i].role == ArgRole::kField && args[i].key == key) {
      end = layout.args[i].type == "s"
                ? append_reversible_text(out, args[i].text())
                : LineFields::append_value(out, layout.args[i].type,
                                           ByteCursor(args[i].at, args[i].size), scratch);
    }
    if (layout.args[i].role != ArgRole::kFieldList) continue;
    ByteCursor bytes(args[i].at, args[i].size);
    const auto count = bytes.take<std::uint32_t>();
    for (std::uint32_t n = 0; n < count && !bytes.is_at_end(); ++n) {
      const bool is_it = bytes.take_text(bytes.take<std::uint32_t>()) == key;
      if (is_it) end = append_payload_value(out, bytes, append_reversible_text, append_line_text);
      if (!is_it) skip_field_value(bytes);
    }
  }
  for_each_context_field(record, args, [&](auto its_key, auto, auto line) {
    if (its_key == key) end = append_plain_text(out, line);
  });
  return end;
}

char* append_metric_value(char* out, const RecordFields& fields) {
  const SiteLayout& layout = *fields.record.layout;
  if (layout.payload_arg == SIZE_MAX) return append_plain_text(out, "1");
  const ArgLayout& arg = layout.args[layout.payload_arg];
  const ArgBytes& bytes = fields.args[layout.payload_arg];
  ByteCursor cursor(bytes.at, bytes.size);
  if (arg.role == ArgRole::kElapsed) {
    const std::uint64_t ns = fields.record.clock->span_ns(cursor.take<std::uint64_t>());
    return fields.client.timers == TimerResolution::kNanoseconds
               ? append_milliseconds(out, ns)
               : append_uint(out, (ns + 500'000) / 1'000'000);
  }
  char count[kMaxFixedDoubleBytes];
  const char* end = count;
  if (arg.type != "s") end = append_count(count, arg.type, cursor);
  const std::string_view text =
      arg.type == "s" ? bytes.text().substr(0, sizeof count)
                      : std::string_view(count, static_cast<std::size_t>(end - count));
  return append_plain_text(out, is_json_number(text) ? text : "null");
}

char* append_line_rate(char* out, const RecordFields& fields) {
  const ArgBytes& bytes = fields.args[fields.record.layout->rate_arg];
  const auto rate = ByteCursor(bytes.at, bytes.size).take<double>();
  return rate == 1.0 ? out : append_fixed_double(append_plain_text(out, " rate="), rate);
}

MessageSource source_of(const RecordView& record, const std::string& program) {
  const SiteLayout& layout = *record.layout;
  MessageSource source{layout.site->file, layout.function, layout.site->line, 0, {}, program};
  if (record.thread != nullptr) {
    source.thread_id = record.thread->id;
    source.thread_name = record.thread->name;
  }
  return source;
}

Message message_of(const EngineMessage& message, std::string_view logger) {
  Message::Parts parts;
  parts.type = message.type;
  parts.utc_ns = message.utc_ns;
  parts.logger = logger;
  parts.severity = message.severity;
  parts.payload = message.payload;
  for (const EngineField& field : message.fields) {
    parts.fields.set(field.key, field.is_number ? Value(Digits{field.value}) : Value(field.value));
  }
  return Message(std::move(parts));
}

std::string message_part(const LayoutPart& part, LayoutStyle style, const Message& message) {
  const MessageSource& source = message.source();
  switch (part.kind) {
    case PartKind::kThreadId:
    case PartKind::kThreadName:
    case PartKind::kThreadMember:
      return source.thread_id == 0
                 ? ""
                 : thread_part(part.kind, {source.thread_id, source.thread_name}, style);
    case PartKind::kStatsd:
      return statsd_line(part.text, message);
    case PartKind::kFields:
      return fields_in(style, message);
    case PartKind::kTrace:
      return trace_of(message, style);
    case PartKind::kField: {
      const Value* const value = message.fields().find(part.text);
      return value == nullptr ? "" : shown(*value, style);
    }
    default: {
      const std::string text = text_of(part.kind, message, style);
      return text.empty() && style == LayoutStyle::kGelf ? "-" : text;
    }
  }
}

}  // namespace metlog
