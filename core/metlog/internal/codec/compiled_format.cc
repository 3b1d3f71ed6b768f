#include "metlog/internal/codec/compiled_format.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "metlog/internal/site/type_code.h"
#include "metlog/internal/text/format_spec.h"
#include "metlog/internal/text/function_name.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/line_text.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/value_text.h"

namespace metlog {
namespace {

ArgKind kind_of(const ArgLayout& arg, std::string_view spec) {
  if (!spec.empty() || arg.type.size() != 1) return ArgKind::kOther;
  switch (arg.type[0]) {
    case 's':
      return ArgKind::kString;
    case 'i':
      return ArgKind::kInt32;
    case 'l':
      return ArgKind::kInt64;
    case 'm':
      return ArgKind::kUint64;
    case 'd':
      return ArgKind::kDouble;
    default:
      return ArgKind::kOther;
  }
}

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

/// True for a value that is written as more than one JSON value.
bool is_composite(const ArgLayout& arg) {
  if (arg.role == ArgRole::kFieldList || arg.role == ArgRole::kPayloadValue) return true;
  return arg.type != "s" && scalar_bytes(arg.type[0]) == 0;
}

bool may_have_equal_keys(const std::vector<ArgLayout>& args) {
  std::vector<std::uint8_t> sizes;  // of the keys so far
  for (const ArgLayout& arg : args) {
    if (arg.role == ArgRole::kFieldList) return true;
    if (arg.role != ArgRole::kField) continue;
    if (std::find(sizes.begin(), sizes.end(), arg.key_bytes) != sizes.end()) return true;
    sizes.push_back(arg.key_bytes);
  }
  return false;
}

bool names_args_in_order(const CompiledFormat& format, std::size_t arg_count) {
  const std::vector<CompiledFormat::Op>& ops = format.ops();
  if (ops.size() != arg_count + 1) return false;
  for (std::size_t i = 0; i < arg_count; ++i) {
    if (ops[i].arg != i) return false;
  }
  return true;
}

}  // namespace

CompiledFormat::CompiledFormat(const RegisteredSite& site, const std::vector<ArgLayout>& args) {
  std::vector<std::uint16_t> format_args;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i].role == ArgRole::kText) format_args.push_back(static_cast<std::uint16_t>(i));
  }
  // split_format() ends a segment after the first brace of "{{", so that one brace is written.
  std::string literal;
  const auto place_of = [&](std::uint16_t arg) {
    return arg < format_args.size() ? format_args[arg] : FormatSegment::kNoArg;
  };
  for (const FormatSegment& segment : site.segments) {
    std::string text = site.text.substr(segment.begin, segment.size);
    if (segment.arg == FormatSegment::kLiteral) {
      literal += text;
    } else if (segment.arg < format_args.size()) {
      const std::uint16_t arg = format_args[segment.arg];
      const ArgKind kind = kind_of(args[arg], text);
      add(std::exchange(literal, {}), {{},
                                       {},
                                       {},
                                       {},
                                       kind,
                                       arg,
                                       std::move(text),
                                       place_of(segment.width_arg),
                                       place_of(segment.precision_arg)});
    }
  }
  add(literal, {{}, {}, {}, {}, ArgKind::kNone, 0, {}});
  pool_.append(kLiteralBlockBytes, '\0');
}

void CompiledFormat::add(const std::string& literal, Op op) {
  op.json = keep(json_text(literal));
  op.line = keep(reversible_text(literal));
  op.quoted = keep(quoted_text(literal));
  op.block = keep(block_text(literal));
  ops_.push_back(std::move(op));
}

CompiledFormat::Literal CompiledFormat::keep(std::string_view text) {
  // JSON and lines mostly escape alike, and then share the bytes.
  const std::size_t found = pool_.rfind(text);
  const std::size_t begin = found != std::string::npos ? found : pool_.size();
  if (found == std::string::npos) pool_ += text;
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(text.size())};
}

SiteLayout::SiteLayout(const RegisteredSite& registered)
    : site(&registered), args(place_args(registered)) {
  if (registered.kind == SiteKind::kLog) format = CompiledFormat(registered, args);
  is_in_order = names_args_in_order(format, args.size());
  has_runtime_format = has(ArgRole::kFormat);
  has_fields = has(ArgRole::kField) || has(ArgRole::kFieldList);
  may_repeat_keys = may_have_equal_keys(args);
  payload_arg = SIZE_MAX;
  for (const ArgRole role :
       {ArgRole::kPayload, ArgRole::kPayloadValue, ArgRole::kCount, ArgRole::kElapsed}) {
    payload_arg = std::min(payload_arg, find(role));
  }
  name_arg = find(ArgRole::kName);
  rate_arg = find(ArgRole::kRate);
  time_arg = find(ArgRole::kTime);
  overrides_origin = has(ArgRole::kType) || has(ArgRole::kLogger) || has(ArgRole::kSeverity);
  has_composites = std::any_of(args.begin(), args.end(), is_composite);
  function = bare_function_name(registered.function);
  place_bytes = registered.file.size() + function.size() + kMaxIntBytes;
  if (is_metric()) {
    name_field = "\"name\":\"" + json_text(registered.text) + "\"";
  }
  constant_bytes = 512 + (rate_arg == SIZE_MAX ? 0 : kMaxFixedDoubleBytes) + name_field.size() +
                   kJsonTextGrowth * registered.text.size();
  for (const ArgLayout& arg : args) {
    constant_bytes += kValueTextExtra + kJsonTextGrowth * arg.key_bytes;
    value_growth = std::max(value_growth, value_text_growth(arg.type));
  }
  std::size_t max_mentions = 1;
  std::vector<std::size_t> mentions(args.size() + 1);
  for (const CompiledFormat::Op& op : format.ops()) {
    constant_bytes += op.json.bytes + op.line.bytes + op.quoted.bytes + op.block.bytes +
                      CompiledFormat::kLiteralBlockBytes + kValueTextExtra;
    has_spec_numbers = has_spec_numbers || op.takes_numbers();
    if (op.kind != ArgKind::kNone) {
      constant_bytes += spec_text_growth(op.spec, args[op.arg].type);
      max_mentions = std::max(max_mentions, ++mentions[op.arg]);
    }
  }
  value_growth *= max_mentions;
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

MessageOrigin SiteLayout::origin(const std::vector<ArgBytes>& record_args,
                                 const ClientText& client) const {
  const bool is_log = site->kind == SiteKind::kLog;
  MessageOrigin origin{type(), client.logger, is_log ? number_of(site->severity) : client.severity,
                       is_log && site->severity == Severity::kTrace};
  if (!overrides_origin) return origin;
  for (std::size_t i = 0; i < record_args.size(); ++i) {
    const ArgBytes& bytes = record_args[i];
    if (args[i].role == ArgRole::kType) origin.type = bytes.text();
    if (args[i].role == ArgRole::kLogger) origin.logger = bytes.text();
    if (args[i].role == ArgRole::kSeverity) {
      const auto given = ByteCursor(bytes.at, bytes.size).take<std::int32_t>();
      if (given == kSeverityNotGiven) continue;
      origin.severity = given;
      origin.is_trace = false;
    }
  }
  return origin;
}

std::int64_t SiteLayout::given_time(const RecordView& record) const {
  std::vector<ArgBytes> found;
  locate(record, found);
  return ByteCursor(found[time_arg].at, found[time_arg].size).take<std::int64_t>();
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
  const unsigned char* tail = record.args + site->fixed_bytes;
  const unsigned char* const end = record.args + record.arg_bytes;
  ArgBytes* to = found.data();
  for (const ArgLayout& arg : args) {
    const unsigned char* const key = record.args + arg.offset;
    const unsigned char* const value = key + arg.key_bytes;
    to->key = {reinterpret_cast<const char*>(key), arg.key_bytes};
    to->at = value;
    to->size = arg.bytes;
    if (arg.is_in_tail) {
      std::uint32_t size;
      std::memcpy(&size, value, sizeof size);
      to->at = tail;
      to->size = std::min<std::size_t>(size, static_cast<std::size_t>(end - tail));
      tail += to->size;
    }
    ++to;
  }
}

// For a record that is shorter than its fixed part.
void SiteLayout::locate_damaged(const RecordView& record, std::vector<ArgBytes>& found) const {
  std::size_t tail = std::min(site->fixed_bytes, record.arg_bytes);
  for (std::size_t i = 0; i < args.size(); ++i) {
    const ArgLayout& arg = args[i];
    ByteCursor at(record.args, record.arg_bytes);
    (void)at.take_text(arg.offset);
    found[i].key = at.take_text(arg.key_bytes);
    const std::size_t left = at.left();
    const std::size_t offset = record.arg_bytes - left;
    if (!arg.is_in_tail) {
      found[i].at = record.args + offset;
      found[i].size = std::min(scalar_bytes(arg.type[0]), left);
      continue;
    }
    const auto size = ByteCursor(record.args + offset, left).take<std::uint32_t>();
    found[i].at = record.args + tail;
    found[i].size = std::min<std::size_t>(size, record.arg_bytes - tail);
    tail += found[i].size;
  }
}

const SiteLayout* SiteLayouts::make(std::uint32_t site) {
  const RegisteredSite* const registered = SiteRegistry::instance().find(site);
  if (registered == nullptr) return nullptr;
  const std::size_t index = site - kFirstSiteId;
  if (layouts_.size() <= index) layouts_.resize(index + 1 + index / 2);
  layouts_[index] = std::make_unique<SiteLayout>(*registered);
  return layouts_[index].get();
}

}  // namespace metlog
