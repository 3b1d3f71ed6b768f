#include "metlog/internal/codec/layout_encoder.h"

#include <algorithm>
#include <utility>

#include "metlog/internal/codec/message_parts.h"
#include "metlog/internal/codec/statsd_line.h"
#include "metlog/internal/text/journal_text.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/line_text.h"
#include "metlog/internal/text/syslog_text.h"

namespace metlog {
namespace {

/// Returns the end of a message's text. Graylog refuses an empty one.
char* never_empty(char* end, char* begin, LayoutStyle style) {
  if (end != begin || style != LayoutStyle::kGelf) [[likely]]
    return end;
  *end = '-';
  return end + 1;
}

}  // namespace

void LayoutEncoder::set_client(std::uint32_t slot, ClientText text) {
  const Layout& layout = *text.layout;
  constexpr std::size_t kGrowth = std::max({kJsonTextGrowth, kLineTextGrowth, kParamTextGrowth});
  const std::size_t process = process_.hostname.size() + process_.program.size();
  // An AnyValue is longer than the JSON that it holds: a number, a tuple and a level of brackets.
  const bool is_otel = layout.style == LayoutStyle::kOtel;
  set_bound(slot,
            {.bytes = layout.fixed_bytes + kGrowth * (layout.client_mentions * text.logger.size() +
                                                      layout.process_mentions * process),
             .record_factor = 1 + layout.record_factor,
             .composite_factor = is_otel ? std::size_t{10} : std::size_t{1},
             .context_factor = is_otel ? std::size_t{16} : std::size_t{2},
             .place_factor = kGrowth * layout.place_mentions});
  if (clients_.size() <= slot) clients_.resize(slot + 1);
  clients_[slot] = RenderedLayout(std::move(text), process_);
}

char* LayoutEncoder::encode(char* out, const RecordView& record, std::uint32_t slot) {
  RenderedLayout& rendered = clients_[slot];
  const bool goes_in_order = record.layout->goes_in_order(record);
  const Current current{rendered, record,
                        rendered.layout().has_seconds ? rendered.turn_to(record.utc_ns) : 0,
                        goes_in_order};
  const SiteRuns* runs = rendered.find(record);
  const bool reads_args = runs == nullptr || runs->reads_args;
  if (reads_args && !goes_in_order) record.layout->locate(record, args_);
  if (runs == nullptr) [[unlikely]] {
    runs = other_runs(out, current);
  }
  out = runs == nullptr ? encode_own_origin(out, current) : encode_steps(out, *runs, current);
  rendered.note_time(record.utc_ns);
  return out;
}

inline char* LayoutEncoder::encode_steps(char* out, const SiteRuns& runs, const Current& current) {
  constexpr std::int64_t kFirstNs = 1'000'000'000;
  if (current.record.utc_ns < kFirstNs) [[unlikely]]
    return encode_early(out, runs, current);
  for (const SiteRuns::Step* step = runs.steps.data();; ++step) {
    out = runs.append(out, *step);
    switch (step->next) {
      case SiteRuns::Next::kEnd:
        return out;
      case SiteRuns::Next::kMillis:
        out = current.rendered.second(step->part).append(out);
        out = append_three_digits(out, current.ns / 1'000'000);
        break;
      case SiteRuns::Next::kMicros:
        out = current.rendered.second(step->part).append(out);
        out = append_six_digits(out, current.ns / 1'000);
        break;
      case SiteRuns::Next::kNanos:
        out = current.rendered.second(step->part).append(out);
        out = append_six_digits(out, current.ns / 1'000);
        out = append_three_digits(out, current.ns % 1'000);
        break;
      case SiteRuns::Next::kText:
        out = current.goes_in_order ? append_text_in_order(out, current)
                                    : append_text(out, PartKind::kText, current);
        break;
      case SiteRuns::Next::kFields:
        out = append_fields(out, current);
        break;
      case SiteRuns::Next::kPart:
        out = append_part(out, step->part, current);
        if (out == nullptr) return nullptr;
        break;
    }
  }
}

/// Encodes a record of before 1970, or its first second: times have other forms then.
char* LayoutEncoder::encode_early(char* out, const SiteRuns& runs, const Current& current) {
  for (const SiteRuns::Step& step : runs.steps) {
    out = runs.append(out, step);
    if (step.next == SiteRuns::Next::kEnd) break;
    out = append_part(out, step.part, current);
    if (out == nullptr) break;
  }
  return out;
}

/// Returns the runs of a record that find() does not know; null when it overrides its origin.
const SiteRuns* LayoutEncoder::other_runs(char* room, const Current& current) {
  if (current.record.layout->overrides_origin) return nullptr;
  return &current.rendered.runs_of(current.record, room, [&](char* out, std::size_t part) {
    return append_part(out, part, current);
  });
}

char* LayoutEncoder::encode_own_origin(char* out, const Current& current) {
  const SiteLayout& site = *current.record.layout;
  const Layout& layout = current.rendered.layout();
  const PartSource source{site.origin(args_, current.client()), site.site->file, site.function,
                          site.site->line};
  for (const Layout::Step& step : layout.steps) {
    out = current.rendered.append_run(out, step, source);
    if (step.end != layout.parts.size()) out = append_part(out, step.end, current);
    if (out == nullptr) return nullptr;
  }
  return out;
}

char* LayoutEncoder::append_part(char* out, std::size_t index, const Current& current) {
  const LayoutPart& part = current.rendered.layout().parts[index];
  char* const begin = out;
  switch (part.kind) {
    case PartKind::kText:
    case PartKind::kMessage:
    case PartKind::kPayload:
      out = append_text(out, part.kind, current);
      break;
    case PartKind::kThreadId:
    case PartKind::kThreadName:
    case PartKind::kThreadMember:
      out = current.rendered.append_thread(out, index, current.record.thread);
      break;
    case PartKind::kStatsd:
      return append_statsd_line(out, part.text, {current.record, args_, current.client()});
    case PartKind::kFields:
      out = append_fields(out, current);
      break;
    case PartKind::kTrace:
      out = append_trace(out, {current.record, args_, current.client()}, current.style());
      break;
    case PartKind::kField:
      // Without fields the arguments may not be located.
      if (current.record.context_bytes != 0 || current.record.layout->has_fields) {
        out = append_one_field(out, part.text, current.record, args_);
      }
      break;
    default:
      out = current.rendered.append_time(out, index, current.record.utc_ns, current.ns);
      break;
  }
  return part.width == 0 ? out : align_part(begin, out, part);
}

inline char* LayoutEncoder::append_text_in_order(char* out, const Current& current) {
  switch (current.style()) {
    case LayoutStyle::kLine:
    case LayoutStyle::kSyslog:
      return lines_.append_in_order(out, current.record);
    case LayoutStyle::kLogfmt:
      return quoted_.append_in_order(out, current.record);
    case LayoutStyle::kJournal:
      return end_journal_value(out, blocks_.append_in_order(out, current.record));
    default:
      return never_empty(json_.append_in_order(out, current.record), out, current.style());
  }
}

char* LayoutEncoder::append_text(char* out, PartKind kind, const Current& current) {
  if (current.goes_in_order) return append_text_in_order(out, current);
  switch (current.style()) {
    case LayoutStyle::kLine:
    case LayoutStyle::kSyslog:
      return append_body(lines_, out, kind, current);
    case LayoutStyle::kLogfmt:
      return append_body(quoted_, out, kind, current);
    case LayoutStyle::kJournal:
      return end_journal_value(out, append_body(blocks_, out, kind, current));
    default:
      return never_empty(append_body(json_, out, kind, current), out, current.style());
  }
}

template <class Escaping>
char* LayoutEncoder::append_body(TextBody<Escaping>& body, char* out, PartKind kind,
                                 const Current& current) {
  const SiteLayout& layout = *current.record.layout;
  const ClientText& client = current.client();
  if (kind == PartKind::kPayload || layout.site->kind == SiteKind::kLog) {
    return body.append(out, current.record, args_, client.timers);
  }
  const std::string_view type =
      layout.overrides_origin ? layout.origin(args_, client).type : layout.type();
  // As a call by name has it, and a message that another component has made.
  if (type == "oldstyle") return body.append(out, current.record, args_, client.timers);
  if (kind == PartKind::kText) {
    out = Escaping::append(out, type);
    *out++ = ' ';
  }
  if (layout.is_metric()) {
    out = Escaping::append(out, layout.name_arg == SIZE_MAX ? std::string_view(layout.site->text)
                                                            : args_[layout.name_arg].text());
    *out++ = ' ';
  }
  char* const end = body.append(out, current.record, args_, client.timers);
  if (end != out) return end;
  if (kind == PartKind::kText) return out - 1;
  return Escaping::append(out, type);
}

char* LayoutEncoder::append_fields(char* out, const Current& current) {
  const SiteLayout& layout = *current.record.layout;
  if (!layout.has_fields && current.record.context_bytes == 0 && !layout.is_metric()) return out;
  const RecordFields fields{current.record, args_, current.client()};
  switch (current.style()) {
    case LayoutStyle::kLine:
      return append_record_fields(line_fields_, out, fields);
    case LayoutStyle::kLogfmt:
      return append_record_fields(logfmt_fields_, out, fields);
    case LayoutStyle::kGelf:
      return append_record_fields(gelf_fields_, out, fields);
    case LayoutStyle::kOtel:
      return append_record_fields(otel_fields_, out, fields);
    case LayoutStyle::kSyslog:
      return append_record_fields(syslog_fields_, out, fields);
    case LayoutStyle::kJournal:
      return append_record_fields(journal_fields_, out, fields);
    case LayoutStyle::kEcs:
    case LayoutStyle::kStatsd:
      break;
  }
  char* const labels = append_plain_text(out, ",\"labels\":{");
  char* const end = append_record_fields(ecs_fields_, labels, fields);
  if (end == labels) return out;
  end[-1] = '}';
  return end;
}

std::string LayoutEncoder::encode(const EngineMessage& message, std::uint32_t slot) {
  return encode(message_of(message, clients_[slot].client().logger), slot);
}

std::string LayoutEncoder::encode(const Message& message, std::uint32_t slot) {
  RenderedLayout& rendered = clients_[slot];
  const Layout& layout = rendered.layout();
  const MessageSource& from = message.source();
  const PartSource source{
      {message.type(), message.logger(), message.severity()}, from.file, from.function, from.line};
  std::string text;
  std::string run(layout.fixed_bytes + kJsonTextGrowth * layout.parts.size() *
                                           (message.type().size() + message.logger().size() +
                                            from.file.size() + from.function.size() +
                                            process_.hostname.size() + process_.program.size()),
                  '\0');
  for (const Layout::Step& step : layout.steps) {
    text.append(run.data(), rendered.append_run(run.data(), step, source));
    if (step.end == layout.parts.size()) continue;
    const LayoutPart& part = layout.parts[step.end];
    std::string shown = part_of(step.end, rendered, message);
    if (part.width != 0) {
      const std::size_t bytes = shown.size();
      shown.resize(bytes + part.width);
      shown.resize(static_cast<std::size_t>(align_part(shown.data(), shown.data() + bytes, part) -
                                            shown.data()));
    }
    text += shown;
    if (layout.style == LayoutStyle::kJournal && part.kind == PartKind::kMessage) {
      end_journal_value(text, text.size() - shown.size());
    }
  }
  rendered.note_time(message.utc_ns());
  return text;
}

std::string LayoutEncoder::part_of(std::size_t index, RenderedLayout& rendered,
                                   const Message& message) {
  const Layout& layout = rendered.layout();
  const std::uint32_t ns = rendered.turn_to(message.utc_ns());
  std::string time(layout.fixed_bytes, '\0');
  char* const end = rendered.append_time(time.data(), index, message.utc_ns(), ns);
  if (end != nullptr) return time.substr(0, static_cast<std::size_t>(end - time.data()));
  return message_part(layout.parts[index], layout.style, message);
}

}  // namespace metlog
