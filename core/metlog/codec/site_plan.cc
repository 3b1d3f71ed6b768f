#include "metlog/codec/site_plan.h"

#include <algorithm>

#include "metlog/codec/json_text.h"
#include "metlog/codec/line_text.h"
#include "metlog/codec/spec_text.h"
#include "metlog/codec/value_text.h"
#include "metlog/message/type_code.h"

namespace metlog {
namespace {

std::vector<PlannedArg> place_args(const RegisteredSite& site) {
  std::vector<PlannedArg> args;
  std::size_t offset = 0;
  for (const RegisteredArg& arg : site.args) {
    const std::size_t scalar = scalar_bytes(arg.type[0]);
    args.push_back({arg.role, arg.key_bytes, scalar == 0, arg.type, offset});
    offset += arg.key_bytes + (scalar != 0 ? scalar : sizeof(std::uint32_t));
  }
  return args;
}

// The braces of "{{" stand once in the text; split_format() has seen to that.
std::vector<PlannedSegment> plan_text(const RegisteredSite& site,
                                      const std::vector<PlannedArg>& args) {
  std::vector<std::uint16_t> text_args;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i].role == ArgRole::kText) text_args.push_back(static_cast<std::uint16_t>(i));
  }
  std::vector<PlannedSegment> segments;
  for (const FormatSegment& segment : site.segments) {
    const std::string text = site.text.substr(segment.begin, segment.size);
    if (segment.arg == FormatSegment::kLiteral) {
      segments.push_back({json_text(text), line_text(text), 0, {}});
    } else if (segment.arg < text_args.size()) {
      segments.push_back({{}, {}, text_args[segment.arg], text});
    }
  }
  return segments;
}

}  // namespace

SitePlan::SitePlan(const RegisteredSite& registered)
    : site(&registered), args(place_args(registered)) {
  if (registered.kind == SiteKind::kLog) segments = plan_text(registered, args);
  has_format = find(ArgRole::kFormat) != SIZE_MAX;
  payload_arg = SIZE_MAX;
  for (const ArgRole role :
       {ArgRole::kPayload, ArgRole::kPayloadValue, ArgRole::kCount, ArgRole::kElapsed}) {
    payload_arg = std::min(payload_arg, find(role));
  }
  name_arg = find(ArgRole::kName);
  rate_arg = find(ArgRole::kRate);
  has_own_head = find(ArgRole::kType) != SIZE_MAX || find(ArgRole::kLogger) != SIZE_MAX ||
                 find(ArgRole::kSeverity) != SIZE_MAX;
  if (is_metric()) {
    name_field = "\"name\":\"" + json_text(registered.text) + "\"";
  }
  constant_bytes = 512 + name_field.size() + kJsonTextGrowth * registered.text.size();
  for (const PlannedArg& arg : args) {
    constant_bytes += kValueTextExtra + kJsonTextGrowth * arg.key_bytes;
  }
  for (const PlannedSegment& segment : segments) {
    constant_bytes += segment.json.size() + segment.line.size() +
                      kJsonTextGrowth * spec_text_growth(segment.spec);
  }
}

std::string_view SitePlan::type() const {
  switch (site->kind) {
    case SiteKind::kLog:
      return "oldstyle";
    case SiteKind::kCounter:
      return "counter";
    case SiteKind::kTimer:
      return "timer";
    case SiteKind::kEvent:
      break;
  }
  return site->text;
}

std::size_t SitePlan::find(ArgRole role) const {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i].role == role) return i;
  }
  return SIZE_MAX;
}

void SitePlan::locate(const RecordView& record, std::vector<ArgBytes>& found) const {
  found.resize(args.size());
  std::size_t behind = std::min(site->fixed_bytes, record.arg_bytes);
  for (std::size_t i = 0; i < args.size(); ++i) {
    const PlannedArg& arg = args[i];
    ByteCursor at(record.args, record.arg_bytes);
    (void)at.take_text(arg.offset);
    found[i].key = at.take_text(arg.key_bytes);
    const std::size_t left = at.left();
    const std::size_t offset = record.arg_bytes - left;
    if (!arg.is_behind) {
      found[i].at = record.args + offset;
      found[i].size = std::min(scalar_bytes(arg.type[0]), left);
      continue;
    }
    const auto size = ByteCursor(record.args + offset, left).take<std::uint32_t>();
    found[i].at = record.args + behind;
    found[i].size = std::min<std::size_t>(size, record.arg_bytes - behind);
    behind += found[i].size;
  }
}

const SitePlan& SitePlans::of(const RegisteredSite& site) {
  const std::size_t index = site.id - kFirstSiteId;
  if (plans_.size() <= index) plans_.resize(index + 1 + index / 2);
  if (plans_[index] == nullptr) plans_[index] = std::make_unique<SitePlan>(site);
  return *plans_[index];
}

}  // namespace metlog
