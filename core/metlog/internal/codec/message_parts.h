#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "metlog/internal/codec/context_fields.h"
#include "metlog/internal/codec/encoder.h"
#include "metlog/internal/codec/field_writer.h"
#include "metlog/internal/codec/layout.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/message.h"

namespace metlog {

// The parts of messages that layouts have: fields, the trace, the thread; of records, and of
// messages that are values already.

/// A record whose arguments are located.
struct RecordFields {
  const RecordView& record;
  const std::vector<ArgBytes>& args;
  const ClientText& client;
};

/// Returns a part that shows a thread whose id is not 0.
std::string thread_part(PartKind kind, const ThreadText& thread, LayoutStyle style);

/// True for `trace_id` and `span_id`.
[[nodiscard]] bool is_trace_key(std::string_view key);
/// True when the record's context has both ids, of which kSyslog makes an element of their own.
[[nodiscard]] bool has_trace_element(const RecordFields& fields);

/// Writes trace_id and span_id of the record's context where the style has members for them.
char* append_trace(char* out, const RecordFields& fields, LayoutStyle style);

/// Writes the value of the last field of this key as it is in a line; nothing when there is none.
char* append_one_field(char* out, std::string_view key, const RecordView& record,
                       const std::vector<ArgBytes>& args);

/// Writes the number of a counter or timer as JSON, the latter in milliseconds; null when the count
/// is a string that is no number.
char* append_metric_value(char* out, const RecordFields& fields);

/// Writes the rate of a metric as a field of a line, unless it is 1; in digits, as statsd lines
/// have it.
char* append_line_rate(char* out, const RecordFields& fields);

/// Writes name and value of a counter or timer, and its rate unless it is 1, as fields.
template <class Style>
char* append_metric_fields(FieldWriter<Style>& writer, char* out, const RecordFields& fields) {
  const SiteLayout& layout = *fields.record.layout;
  const auto begin = [&](std::string_view key) {
    if constexpr (Style::kBefore != 0) *out++ = Style::kBefore;
    out = Style::append_key(out, key);
  };
  const auto end = [&] {
    if constexpr (Style::kAfter != 0) *out++ = Style::kAfter;
  };
  char digits[kMaxFixedDoubleBytes];
  const auto number = [&](const char* digits_end) {
    const std::string_view text(digits, static_cast<std::size_t>(digits_end - digits));
    out = Style::append_json(out, text, text);
    end();
  };
  if (layout.name_arg == SIZE_MAX) {
    out = writer.append_metric_start(out, layout);
  } else {
    begin("name");
    out = Style::append_text(out, fields.args[layout.name_arg].text());
    end();
    begin("metric_value");
  }
  number(append_metric_value(digits, fields));
  if (layout.rate_arg != SIZE_MAX) {
    ByteCursor rate(fields.args[layout.rate_arg].at, fields.args[layout.rate_arg].size);
    begin("rate");
    number(append_json_double(digits, rate.take<double>()));
  }
  return out;
}

/// Writes all fields of a record: the caller's, those of a metric, those of the context.
template <class Style>
char* append_record_fields(FieldWriter<Style>& writer, char* out, const RecordFields& fields) {
  const SiteLayout& layout = *fields.record.layout;
  if (layout.has_fields) out = writer.append(out, layout, fields.args);
  if constexpr (!std::is_same_v<Style, LineFields>) {
    if (layout.is_metric()) out = append_metric_fields(writer, out, fields);
  }
  if constexpr (std::is_same_v<Style, LineFields>) {
    if (layout.rate_arg != SIZE_MAX) out = append_line_rate(out, fields);
  }
  if (fields.record.context_bytes == 0) return out;
  bool skips_trace = false;
  if constexpr (std::is_same_v<Style, SyslogFields>) skips_trace = has_trace_element(fields);
  for_each_context_field(fields.record, fields.args, [&](auto key, auto json, auto line) {
    if (skips_trace && is_trace_key(key)) return;
    if constexpr (Style::kBefore != 0) *out++ = Style::kBefore;
    out = Style::append_json(Style::append_key(out, key), json, line);
    if constexpr (Style::kAfter != 0) *out++ = Style::kAfter;
  });
  return out;
}

/// Returns where a record comes from; `program` is the process's name.
MessageSource source_of(const RecordView& record, const std::string& program);

/// Returns a message of the engine as a value.
Message message_of(const EngineMessage& message, std::string_view logger);

/// Returns a part of a message that is a value: any that is per record and no time.
std::string message_part(const LayoutPart& part, LayoutStyle style, const Message& message);

}  // namespace metlog
