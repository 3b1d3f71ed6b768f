#include "metlog/internal/codec/format_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "metlog/internal/text/format_spec.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/line_text.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/value_text.h"

namespace metlog {
namespace {

template <class T>
T load(const unsigned char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Returns the number that a specification takes from an argument.
SpecNumber number_of(const SiteLayout& layout, const std::vector<ArgBytes>& args, std::size_t arg) {
  if (arg >= args.size() || layout.args[arg].role != ArgRole::kText ||
      layout.args[arg].type.size() != 1) {
    return {SpecNumber::State::kWrong, 0};
  }
  ByteCursor bytes(args[arg].at, args[arg].size);
  switch (layout.args[arg].type[0]) {
    case 'i':
      return {SpecNumber::State::kGiven, bytes.take<std::int32_t>()};
    case 'u':
      return {SpecNumber::State::kGiven, bytes.take<std::uint32_t>()};
    case 'l':
      return {SpecNumber::State::kGiven, bytes.take<std::int64_t>()};
    case 'm':
      return {SpecNumber::State::kGiven, bytes.take<std::uint64_t>()};
    default:
      return {SpecNumber::State::kWrong, 0};
  }
}

/// The numbers of a specification.
struct SpecNumbers {
  SpecNumber width;
  SpecNumber precision;
};

// `placed` is a segment of a format, or an op. Its arguments are counted from `first`.
template <class Placed>
SpecNumbers numbers_of(const SiteLayout& layout, const std::vector<ArgBytes>& args,
                       const Placed& placed, std::size_t first = 0) {
  SpecNumbers numbers;
  if (placed.width_arg != FormatSegment::kNoArg) {
    numbers.width = number_of(layout, args, first + placed.width_arg);
  }
  if (placed.precision_arg != FormatSegment::kNoArg) {
    numbers.precision = number_of(layout, args, first + placed.precision_arg);
  }
  return numbers;
}

}  // namespace

char* JsonEscaping::append(char* out, std::string_view text) { return append_json_text(out, text); }

char* JsonEscaping::append_json(char* out, std::string_view json) {
  return append_json_text(out, json);
}

char* LineEscaping::append(char* out, std::string_view text) {
  return append_reversible_text(out, text);
}

char* LineEscaping::append_json(char* out, std::string_view json) {
  return append_line_text(out, json);
}

char* QuotedEscaping::append(char* out, std::string_view text) {
  return append_quoted_text(out, text);
}

char* QuotedEscaping::append_json(char* out, std::string_view json) {
  return append_quoted_text(out, json);
}

char* BlockEscaping::append(char* out, std::string_view text) {
  return append_block_text(out, text);
}

char* BlockEscaping::append_json(char* out, std::string_view json) {
  return append_block_text(out, json);
}

std::size_t runtime_format_growth(const RecordView& record) {
  const SiteLayout& layout = *record.layout;
  std::vector<ArgBytes> args;
  layout.locate(record, args);
  const std::size_t format_arg = layout.find(ArgRole::kFormat);
  const std::string_view format = args[format_arg].text();
  std::size_t bytes = 0;
  split_format(format, [&](const FormatSegment& segment) {
    if (segment.arg == FormatSegment::kLiteral) return;
    // The format may name an argument more than once.
    const std::size_t arg = format_arg + 1 + segment.arg;
    if (arg >= args.size()) return;
    const std::string_view type = layout.args[arg].type;
    bytes += kValueTextExtra + value_text_growth(type) * args[arg].size;
    const std::string_view spec = format.substr(segment.begin, segment.size);
    const auto [width, precision] = numbers_of(layout, args, segment, format_arg + 1);
    if (!spec.empty()) bytes += resolved_spec_growth(spec, type, width, precision);
  });
  return bytes;
}

std::size_t spec_numbers_growth(const RecordView& record) {
  const SiteLayout& layout = *record.layout;
  std::vector<ArgBytes> args;
  layout.locate(record, args);
  std::size_t bytes = 0;
  for (const CompiledFormat::Op& op : layout.format.ops()) {
    if (!op.takes_numbers()) continue;
    const auto [width, precision] = numbers_of(layout, args, op);
    bytes += resolved_spec_growth(op.spec, layout.args[op.arg].type, width, precision);
  }
  return bytes;
}

template <class Escaping>
char* FormatWriter<Escaping>::append(char* out, const SiteLayout& layout,
                                     const std::vector<ArgBytes>& args) {
  if (layout.has_runtime_format) {
    return append_runtime(out, layout, args, layout.find(ArgRole::kFormat));
  }
  for (const CompiledFormat::Op& op : layout.format.ops()) {
    out = layout.format.append(out, Escaping::literal(op));
    if (op.kind == ArgKind::kNone) break;
    if (op.takes_numbers()) [[unlikely]] {
      const auto [width, precision] = numbers_of(layout, args, op);
      out = append_resolved(out, layout.args[op.arg].type, args[op.arg],
                            resolve_spec(op.spec, width, precision));
    } else {
      out = append_arg(out, layout.args[op.arg], op, args[op.arg]);
    }
  }
  return out;
}

template <class Escaping>
char* FormatWriter<Escaping>::append_in_order(char* out, const RecordView& record) {
  const SiteLayout& layout = *record.layout;
  const ArgLayout* arg = layout.args.data();
  const unsigned char* tail = record.args + layout.site->fixed_bytes;
  const unsigned char* const end = record.args + record.arg_bytes;
  for (const CompiledFormat::Op& op : layout.format.ops()) {
    out = layout.format.append(out, Escaping::literal(op));
    if (op.kind == ArgKind::kNone) break;
    const unsigned char* at = record.args + arg->offset;  // a format's arguments have no key
    std::size_t size = arg->bytes;
    if (arg->is_in_tail) {
      size = std::min<std::size_t>(load<std::uint32_t>(at), static_cast<std::size_t>(end - tail));
      at = std::exchange(tail, tail + size);
    }
    out = append_arg(out, *arg++, op, {{}, at, size});
  }
  return out;
}

template <class Escaping>
char* FormatWriter<Escaping>::append_arg(char* out, const ArgLayout& arg,
                                         const CompiledFormat::Op& op, const ArgBytes& bytes) {
  ByteCursor cursor(bytes.at, bytes.size);
  switch (op.kind) {
    case ArgKind::kString:
      return Escaping::append(out, bytes.text());
    case ArgKind::kInt32:
      return append_int(out, cursor.take<std::int32_t>());
    case ArgKind::kInt64:
      return append_int(out, cursor.take<std::int64_t>());
    case ArgKind::kUint64:
      return append_uint(out, cursor.take<std::uint64_t>());
    case ArgKind::kDouble:
      return append_text_double(out, cursor.take<double>());
    default:
      return append_arg(out, arg.type, bytes, op.spec);
  }
}

template <class Escaping>
char* FormatWriter<Escaping>::append_arg(char* out, std::string_view type, const ArgBytes& bytes,
                                         std::string_view spec) {
  const char letter = type[0];
  if (letter == 's' && spec.empty()) return Escaping::append(out, bytes.text());
  ByteCursor cursor(bytes.at, bytes.size);
  const bool is_character = letter == 'c' || letter == 'C';
  const bool needs_no_escape = scalar_bytes(letter) != 0 && !is_character && spec.empty();
  if (needs_no_escape) return append_text_value(out, type, cursor);
  unescaped_.resize(kValueTextExtra + value_text_growth(type) * bytes.size +
                    spec_text_growth(spec, type));
  char* const begin = unescaped_.data();
  char* end = begin;
  if (letter == 's') {
    end = append_text_with_spec(begin, spec, bytes.text());
  } else if (!spec.empty()) {
    end = append_with_spec(begin, spec, type, cursor);
  } else {
    end = append_text_value(begin, type, cursor);
  }
  return Escaping::append(out, {begin, static_cast<std::size_t>(end - begin)});
}

template <class Escaping>
char* FormatWriter<Escaping>::append_resolved(char* out, std::string_view type,
                                              const ArgBytes& bytes, const ResolvedSpec& resolved) {
  out = append_arg(out, type, bytes, resolved.spec);
  return Escaping::append(out, resolved.complaint);
}

template <class Escaping>
char* FormatWriter<Escaping>::append_runtime(char* out, const SiteLayout& layout,
                                             const std::vector<ArgBytes>& args,
                                             std::size_t format) {
  const std::string_view text = args[format].text();
  char* const begin = out;
  const FormatError error = split_format(text, [&](const FormatSegment& segment) {
    const std::string_view piece = text.substr(segment.begin, segment.size);
    const std::size_t arg = format + 1 + segment.arg;
    if (segment.arg == FormatSegment::kLiteral) {
      out = Escaping::append(out, piece);
    } else if (arg < args.size() && layout.args[arg].role == ArgRole::kText) {
      if (segment.takes_numbers()) {
        const auto [width, precision] = numbers_of(layout, args, segment, format + 1);
        out = append_resolved(out, layout.args[arg].type, args[arg],
                              resolve_spec(piece, width, precision));
      } else {
        out = append_arg(out, layout.args[arg].type, args[arg], piece);
      }
    } else {
      out = append_plain_text(out, "{?}");
    }
  });
  // A broken format is written instead of the message, which is better than to lose both.
  return error.what == nullptr ? out : Escaping::append(begin, text);
}

template class FormatWriter<JsonEscaping>;
template class FormatWriter<LineEscaping>;
template class FormatWriter<QuotedEscaping>;
template class FormatWriter<BlockEscaping>;

}  // namespace metlog
