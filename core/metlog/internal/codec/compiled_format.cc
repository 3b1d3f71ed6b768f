#include "metlog/internal/codec/compiled_format.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "metlog/internal/site/type_code.h"
#include "metlog/internal/text/format_spec.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/line_text.h"
#include "metlog/internal/text/value_text.h"

namespace metlog {
namespace {

std::vector<ArgLayout> place_args(const RegisteredSite& site) {
  std::vector<ArgLayout> args;
  std::size_t offset = 0;
  for (const RegisteredArg& arg : site.args) {
    const std::size_t scalar = scalar_bytes(arg.type[0]);
    const std::size_t bytes = scalar != 0 ? scalar : sizeof(std::uint32_t);
    args.push_back({arg.role, arg.key_bytes, scalar == 0, arg.type, offset, bytes});
    offset += arg.key_bytes + bytes;
  }
  return args;
}

bool stands_in_order(const CompiledFormat& script, std::size_t arg_count) {
  const std::vector<CompiledFormat::Op>& ops = script.ops();
  if (ops.size() != arg_count + 1) return false;
  for (std::size_t i = 0; i < arg_count; ++i) {
    if (ops[i].arg != i) return false;
  }
  return true;
}

}  // namespace

SiteLayout::SiteLayout(const RegisteredSite& registered)
    : site(&registered), args(place_args(registered)) {
  if (registered.kind == SiteKind::kLog) script = CompiledFormat(registered, args);
  is_in_order = stands_in_order(script, args.size());
  has_format = has(ArgRole::kFormat);
  has_fields = has(ArgRole::kField) || has(ArgRole::kFieldList);
  payload_arg = SIZE_MAX;
  for (const ArgRole role :
       {ArgRole::kPayload, ArgRole::kPayloadValue, ArgRole::kCount, ArgRole::kElapsed}) {
    payload_arg = std::min(payload_arg, find(role));
  }
  name_arg = find(ArgRole::kName);
  rate_arg = find(ArgRole::kRate);
  has_own_prefix = has(ArgRole::kType) || has(ArgRole::kLogger) || has(ArgRole::kSeverity);
  if (is_metric()) {
    name_field = "\"name\":\"" + json_text(registered.text) + "\"";
  }
  constant_bytes = 512 + name_field.size() + kJsonTextGrowth * registered.text.size();
  for (const ArgLayout& arg : args) {
    constant_bytes += kValueTextExtra + kJsonTextGrowth * arg.key_bytes;
    value_growth = std::max(value_growth, value_text_growth(arg.type));
  }
  std::size_t most_mentions = 1;
  std::vector<std::size_t> mentions(args.size() + 1);
  for (const CompiledFormat::Op& op : script.ops()) {
    constant_bytes += op.json.bytes + op.line.bytes + CompiledFormat::kLiteralBlockBytes +
                      kValueTextExtra + kJsonTextGrowth * spec_text_growth(op.spec);
    if (op.kind != ArgKind::kNone) {
      most_mentions = std::max(most_mentions, ++mentions[op.arg]);
    }
  }
  value_growth *= most_mentions;
}

std::string_view SiteLayout::type() const {
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

std::size_t SiteLayout::find(ArgRole role) const {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i].role == role) return i;
  }
  return SIZE_MAX;
}

void SiteLayout::locate(const RecordView& record, std::vector<ArgBytes>& found) const {
  if (found.size() != args.size()) found.resize(args.size());
  if (record.arg_bytes < site->fixed_bytes) [[unlikely]]
    return locate_damaged(record, found);
  const unsigned char* behind = record.args + site->fixed_bytes;
  const unsigned char* const end = record.args + record.arg_bytes;
  ArgBytes* to = found.data();
  for (const ArgLayout& arg : args) {
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
void SiteLayout::locate_damaged(const RecordView& record, std::vector<ArgBytes>& found) const {
  std::size_t behind = std::min(site->fixed_bytes, record.arg_bytes);
  for (std::size_t i = 0; i < args.size(); ++i) {
    const ArgLayout& arg = args[i];
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

const SiteLayout* SitePlans::make(std::uint32_t site) {
  const RegisteredSite* const registered = SiteRegistry::instance().find(site);
  if (registered == nullptr) return nullptr;
  const std::size_t index = site - kFirstSiteId;
  if (plans_.size() <= index) plans_.resize(index + 1 + index / 2);
  plans_[index] = std::make_unique<SiteLayout>(*registered);
  return plans_[index].get();
}

namespace {

ArgKind kind_of(const ArgLayout& arg, std::string_view spec) {
  if (!spec.empty() || arg.type.size() != 1) return ArgKind::kOther;
  switch (arg.type[0]) {
    case 's':
      return ArgKind::kText;
    case 'i':
      return ArgKind::kInt;
    case 'l':
      return ArgKind::kInt64;
    case 'm':
      return ArgKind::kUnsigned;
    case 'd':
      return ArgKind::kReal;
    default:
      return ArgKind::kOther;
  }
}

}  // namespace

CompiledFormat::CompiledFormat(const RegisteredSite& site, const std::vector<ArgLayout>& args) {
  std::vector<std::uint16_t> text_args;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i].role == ArgRole::kText) text_args.push_back(static_cast<std::uint16_t>(i));
  }
  // The braces of "{{" stand once in the text, which ends a segment there; split_format() has seen
  // to that.
  std::string literal;
  for (const FormatSegment& segment : site.segments) {
    std::string text = site.text.substr(segment.begin, segment.size);
    if (segment.arg == FormatSegment::kLiteral) {
      literal += text;
    } else if (segment.arg < text_args.size()) {
      const std::uint16_t arg = text_args[segment.arg];
      const ArgKind kind = kind_of(args[arg], text);
      add(std::exchange(literal, {}), kind, arg, std::move(text));
    }
  }
  add(literal, ArgKind::kNone, 0, {});
  pool_.append(kLiteralBlockBytes, '\0');
}

void CompiledFormat::add(const std::string& literal, ArgKind kind, std::uint16_t arg,
                         std::string spec) {
  const Literal json = keep(json_text(literal));
  ops_.push_back({json, keep(line_text(literal)), kind, arg, std::move(spec)});
}

CompiledFormat::Literal CompiledFormat::keep(std::string_view text) {
  // The same in both forms, as a rule, and then once.
  const std::size_t found = pool_.rfind(text);
  const std::size_t begin = found != std::string::npos ? found : pool_.size();
  if (found == std::string::npos) pool_ += text;
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(text.size())};
}

}  // namespace metlog
