#include "metlog/codec/site_plan.h"

#include <algorithm>
#include <cstring>

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
    const std::size_t bytes = scalar != 0 ? scalar : sizeof(std::uint32_t);
    args.push_back({arg.role, arg.key_bytes, scalar == 0, arg.type, offset, bytes});
    offset += arg.key_bytes + bytes;
  }
  return args;
}

SegmentKind kind_of(const PlannedArg& arg, std::string_view spec) {
  if (!spec.empty() || arg.type.size() != 1) return SegmentKind::kOther;
  switch (arg.type[0]) {
    case 's':
      return SegmentKind::kText;
    case 'i':
      return SegmentKind::kInt;
    case 'l':
      return SegmentKind::kInt64;
    case 'm':
      return SegmentKind::kUnsigned;
    case 'd':
      return SegmentKind::kReal;
    default:
      return SegmentKind::kOther;
  }
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
      segments.push_back({SegmentKind::kLiteral, json_text(text), line_text(text), 0, {}});
    } else if (segment.arg < text_args.size()) {
      const std::uint16_t arg = text_args[segment.arg];
      segments.push_back({kind_of(args[arg], text), {}, {}, arg, text});
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
  if (found.size() != args.size()) found.resize(args.size());
  if (record.arg_bytes < site->fixed_bytes) [[unlikely]]
    return locate_damaged(record, found);
  const unsigned char* behind = record.args + site->fixed_bytes;
  const unsigned char* const end = record.args + record.arg_bytes;
  ArgBytes* to = found.data();
  for (const PlannedArg& arg : args) {
    const unsigned char* const key = record.args + arg.offset;
    const unsigned char* const value = key + arg.key_bytes;
    to->key = {reinterpret_cast<const char*>(key), arg.key_bytes};
    to->at = value;
    to->size = arg.bytes;
    if (arg.is_behind) {
      std::uint32_t size;
      std::memcpy(&size, value, sizeof size);
      to->at = behind;
      to->size = std::min<std::size_t>(size, static_cast<std::size_t>(end - behind));
      behind += to->size;
    }
    ++to;
  }
}

// A record that is shorter than its fixed part.
void SitePlan::locate_damaged(const RecordView& record, std::vector<ArgBytes>& found) const {
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

const SitePlan& SitePlans::make(const RegisteredSite& site, std::size_t index) {
  if (plans_.size() <= index) plans_.resize(index + 1 + index / 2);
  plans_[index] = std::make_unique<SitePlan>(site);
  return *plans_[index];
}

}  // namespace metlog
