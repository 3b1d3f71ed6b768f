#include "metlog/internal/codec/rendered_layout.h"

#include <algorithm>
#include <utility>

#include "metlog/internal/codec/message_parts.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/time_letters.h"

namespace metlog {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t second_of(std::int64_t utc_ns) {
  const std::int64_t second = utc_ns / kSecond;
  return utc_ns % kSecond < 0 ? second - 1 : second;
}

/// spdlog's: %o ms, %i us, %u ns, %O s.
std::int64_t unit_ns(char letter) {
  switch (letter) {
    case 'o':
      return 1'000'000;
    case 'i':
      return 1'000;
    case 'O':
      return kSecond;
    default:
      return 1;
  }
}

/// True for a log call whose text is the same each time.
bool has_constant_text(const SiteLayout& site) {
  return site.format.ops().size() == 1 && !site.has_runtime_format && site.payload_arg == SIZE_MAX;
}

}  // namespace

RenderedLayout::RenderedLayout(ClientText client, const ProcessText& process)
    : client_(std::move(client)),
      process_(&process),
      threads_(kThreads),
      seconds_(layout().parts.size()) {
  if (layout().has_seconds) turn_to_other(0);
}

char* RenderedLayout::append_run(char* out, const Layout::Step& step,
                                 const PartSource& source) const {
  for (std::size_t i = step.begin; i < step.end; ++i) {
    const LayoutPart& part = layout().parts[i];
    if (is_per_record(part.kind)) continue;
    if (!part.before.empty()) {  // an addition
      if (source.file.empty() && is_of_place(part.kind)) continue;
      out = append_plain_text(out, part.before);
      out = append_constant(out, part, layout(), source, *process_);
      out = append_plain_text(out, part.text);
      continue;
    }
    char* const end = append_constant(out, part, layout(), source, *process_);
    out = part.width == 0 ? end : align_part(out, end, part);
  }
  return out;
}

SiteRuns& RenderedLayout::runs_at(std::size_t variant, std::size_t index) {
  std::vector<SiteRuns>& sites = sites_[variant];
  if (sites.size() <= index) sites.resize(index + kKnownThreads + index / 2);
  return sites[index];
}

// The runs with the thread's parts in them belong to the first threads that call there: others have
// the variant without. A thread that has ended loses its place to the next one in the end.
const SiteRuns& RenderedLayout::runs_of(const RecordView& record, char* room,
                                        const PartWriter& write) {
  constexpr std::uint32_t kPatience = 256;
  const std::size_t site = record.layout->site->id - kFirstSiteId;
  const std::size_t variant = record.context_bytes == 0 ? 0 : kContext;
  if (layout().has_thread && record.thread != nullptr && record.thread->serial != 0) {
    const std::uint64_t serial = record.thread->serial;
    SiteRuns& runs = runs_at(variant | kKnown, site * kKnownThreads + serial % kKnownThreads);
    if (runs.serial != serial && (runs.serial == 0 || ++runs.misses == kPatience)) {
      runs = {};
      runs.serial = serial;
      render(runs, record, room, write);
    }
    if (runs.serial == serial) return runs;
  }
  SiteRuns& runs = runs_at(variant, site);
  if (runs.steps.empty()) render(runs, record, room, write);
  return runs;
}

// A record without arguments and context differs from others of its site by the time only, and the
// text of one with fields is a constant, as a rule.
void RenderedLayout::render(SiteRuns& runs, const RecordView& record, char* room,
                            const PartWriter& write) const {
  const SiteLayout& site = *record.layout;
  const PartSource source{site.origin({}, client_), site.site->file, site.function,
                          site.site->line};
  const bool has_context = record.context_bytes != 0;
  const bool is_constant = site.args.empty() && !has_context;
  const bool has_fields = site.has_fields || site.is_metric() || has_context;
  std::string text;
  std::uint32_t begin = 0;
  // The sign before a text of the journal depends on the text.
  const auto stands_alone = [this](const LayoutPart& part) {
    return layout().style != LayoutStyle::kJournal || !is_of_text(part.kind);
  };
  const auto add_step = [&](std::size_t part, SiteRuns::Next next) {
    const auto end = static_cast<std::uint32_t>(text.size());
    runs.steps.push_back({begin, end - begin, static_cast<std::uint16_t>(part), next});
    begin = end;
  };
  for (std::size_t i = 0; i < layout().parts.size(); ++i) {
    const LayoutPart& part = layout().parts[i];
    const bool has_value = part.kind == PartKind::kTrace ? has_context : has_fields;
    if (is_of_fields(part.kind) && part.width == 0 && !has_value) continue;
    const bool is_known = is_of_thread(part.kind)
                              ? runs.serial != 0
                              : (is_constant && part.kind != PartKind::kStatsd) ||
                                    (is_of_text(part.kind) && has_constant_text(site));
    if (!is_per_record(part.kind)) {
      text.append(room, append_run(room, {i, i + 1}, source));
    } else if (is_known && !is_of_time(part.kind) && stands_alone(part)) {
      text.append(room, write(room, i));
    } else {
      add_step(i, next_of(i, site));
      runs.reads_args |= part.kind > PartKind::kThreadMember;
    }
  }
  add_step(0, SiteRuns::Next::kEnd);
  runs.text.assign(text);
}

SiteRuns::Next RenderedLayout::next_of(std::size_t index, const SiteLayout& site) const {
  const LayoutPart& part = layout().parts[index];
  if (part.width != 0) return SiteRuns::Next::kPart;
  switch (part.kind) {
    case PartKind::kSecondMillis:
      return SiteRuns::Next::kMillis;
    case PartKind::kSecondMicros:
    case PartKind::kEpochReal:
      return SiteRuns::Next::kMicros;
    case PartKind::kEpochNanos:
      return SiteRuns::Next::kNanos;
    case PartKind::kFields:
      return SiteRuns::Next::kFields;
    default:
      const bool is_log = site.site->kind == SiteKind::kLog;
      return is_log && is_of_text(part.kind) ? SiteRuns::Next::kText : SiteRuns::Next::kPart;
  }
}

std::uint32_t RenderedLayout::turn_to_other(std::int64_t utc_ns) {
  const std::int64_t since_epoch = second_of(utc_ns);
  const CalendarSecond calendar = calendar_second(since_epoch, layout().zone);
  for (std::size_t i = 0; i < seconds_.size(); ++i) {
    const LayoutPart& part = layout().parts[i];
    if (!is_of_calendar(part.kind)) continue;
    std::string text = part.before;
    if (part.kind == PartKind::kTimestamp) {
      append_time_text(text, "%Y-%m-%dT%H:%M:%S.", calendar_second(since_epoch, TimeZone::kUtc));
    } else if (part.kind == PartKind::kEpochNanos || part.kind == PartKind::kEpochReal) {
      append_time_text(text, "%E", calendar);
      if (part.kind == PartKind::kEpochReal) text += '.';
    } else {
      append_time_text(text, part.text, calendar);
    }
    seconds_[i].assign(text);
  }
  second_start_ = static_cast<std::uint64_t>(since_epoch) * kSecondNs;
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(utc_ns) - second_start_);
}

char* RenderedLayout::append_time(char* out, std::size_t index, std::int64_t utc_ns,
                                  std::uint32_t ns) const {
  const LayoutPart& part = layout().parts[index];
  switch (part.kind) {
    case PartKind::kSecond:
      return second(index).append(out);
    case PartKind::kSecondMillis:
      return append_three_digits(second(index).append(out), ns / 1'000'000);
    case PartKind::kSecondMicros:
      return append_six_digits(second(index).append(out), ns / 1'000);
    case PartKind::kMillis:
      return append_three_digits(out, ns / 1'000'000);
    case PartKind::kMicros:
      return append_six_digits(out, ns / 1'000);
    case PartKind::kNanos:
      return append_three_digits(append_six_digits(out, ns / 1'000), ns % 1'000);
    case PartKind::kTimestamp:
      out = append_six_digits(second(index).append(out), ns / 1'000);
      *out++ = 'Z';
      return out;
    case PartKind::kEpochNanos:
      if (utc_ns < kSecond) {
        return append_int(append_plain_text(out, part.before), std::max<std::int64_t>(utc_ns, 0));
      }
      out = append_six_digits(second(index).append(out), ns / 1'000);
      return append_three_digits(out, ns % 1'000);
    case PartKind::kEpochReal:
      if (utc_ns >= 0 || ns == 0) {
        return append_six_digits(second(index).append(out), ns / 1'000);
      }
      // Before 1970 the fraction counts down.
      out = append_plain_text(append_plain_text(out, part.before), "-");
      out = append_uint(out, static_cast<std::uint64_t>(-(utc_ns / kSecond)));
      *out++ = '.';
      return append_six_digits(out, (static_cast<std::uint32_t>(kSecond) - ns) / 1'000);
    case PartKind::kElapsed: {
      const std::int64_t since = last_ns_ == INT64_MIN ? 0 : utc_ns - last_ns_;
      return append_int(out, std::max<std::int64_t>(since, 0) / unit_ns(part.text[0]));
    }
    default:
      return nullptr;
  }
}

char* RenderedLayout::append_thread(char* out, std::size_t index, const ThreadText* thread) {
  if (thread == nullptr || thread->id == 0) return out;
  const LayoutPart& part = layout().parts[index];
  const auto render = [&] {
    return part.before + thread_part(part.kind, *thread, layout().style) + part.text;
  };
  if (thread->serial == 0) return append_plain_text(out, render());
  ThreadParts& known = threads_[thread->serial % kThreads];
  if (known.serial != thread->serial) {
    known.serial = thread->serial;
    known.parts.assign(layout().parts.size(), {});
  }
  TextBlock& block = known.parts[index];
  if (block.bytes.empty()) block.assign(render());
  return block.append(out);
}

}  // namespace metlog
