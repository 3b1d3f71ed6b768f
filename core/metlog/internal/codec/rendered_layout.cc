#include "metlog/internal/codec/rendered_layout.h"

#include <algorithm>
#include <utility>

#include "metlog/internal/codec/message_parts.h"
#include "metlog/internal/text/digits.h"
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

}  // namespace

char* append_six_digits(char* out, std::uint32_t value) {
  write_six_digits(out, value);
  return out + 6;
}

char* append_three_digits(char* out, std::uint32_t value) {
  *out++ = static_cast<char>('0' + value / 100);
  write_two_digits(out, value % 100);
  return out + 2;
}

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

const SiteRuns* RenderedLayout::find_known(const RecordView& record) const {
  std::size_t index = record.layout->site->id - kFirstSiteId;
  std::size_t variant = Layout::kPlain;
  std::uint64_t serial = 0;
  if (layout().has_thread) {
    if (record.thread == nullptr) return nullptr;
    serial = record.thread->serial;
    variant |= Layout::kKnown;
    index = index * kKnownThreads + serial % kKnownThreads;
  }
  const std::vector<SiteRuns>& sites = sites_[variant];
  if (index >= sites.size()) return nullptr;
  const SiteRuns& runs = sites[index];
  return runs.serial == serial && !runs.ends.empty() ? &runs : nullptr;
}

SiteRuns& RenderedLayout::runs_at(std::size_t variant, std::size_t index) {
  std::vector<SiteRuns>& sites = sites_[variant];
  if (sites.size() <= index) sites.resize(index + kKnownThreads + index / 2);
  return sites[index];
}

// The runs with the thread's parts in them belong to the first threads that call there: others have
// the variant without. A thread that has ended loses its place to the next one in the end.
const SiteRuns& RenderedLayout::runs_of(const RecordView& record, std::size_t& variant) {
  constexpr std::uint32_t kPatience = 256;
  const SiteLayout& layout_of_site = *record.layout;
  const std::size_t site = layout_of_site.site->id - kFirstSiteId;
  const bool is_plain =
      !layout_of_site.has_fields && !layout_of_site.is_metric() && record.context_bytes == 0;
  variant = is_plain ? Layout::kPlain : 0;
  if (layout().has_thread && record.thread != nullptr && record.thread->serial != 0) {
    const std::uint64_t serial = record.thread->serial;
    const std::size_t known = variant | Layout::kKnown;
    SiteRuns& runs = runs_at(known, site * kKnownThreads + serial % kKnownThreads);
    if (runs.serial != serial && (runs.serial == 0 || ++runs.misses == kPatience)) {
      runs = {};
      runs.serial = serial;
      render(runs, known, record);
    }
    if (runs.serial == serial) {
      variant = known;
      return runs;
    }
  }
  SiteRuns& runs = runs_at(variant, site);
  if (runs.ends.empty()) render(runs, variant, record);
  return runs;
}

void RenderedLayout::render(SiteRuns& runs, std::size_t variant, const RecordView& record) {
  const SiteLayout& site = *record.layout;
  const PartSource source{site.origin({}, client_), site.site->file, site.function,
                          site.site->line};
  // More than each part may take.
  std::string buffer(layout().fixed_bytes + kJsonTextGrowth * layout().parts.size() *
                                                (client_.logger.size() + process_->hostname.size() +
                                                 process_->program.size() + site.place_bytes +
                                                 source.origin.type.size()),
                     '\0');
  std::string text;
  for (const Layout::Step& step : layout().steps[variant]) {
    char* end = buffer.data();
    for (std::size_t i = step.begin; i < step.end; ++i) {
      char* const begin = end;
      if (!is_of_thread(layout().parts[i].kind)) {
        end = append_run(end, {i, i + 1}, source);
        continue;
      }
      end = append_thread(end, i, record.thread);
      if (layout().parts[i].width != 0) end = align_part(begin, end, layout().parts[i]);
    }
    text.append(buffer.data(), end);
    runs.ends.push_back(static_cast<std::uint32_t>(text.size()));
  }
  runs.text.assign(text);
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
