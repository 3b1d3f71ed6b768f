#include "metlog/internal/codec/log_text.h"

#include <algorithm>
#include <cmath>
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

}  // namespace

std::size_t runtime_format_growth(const RecordView& record) {
  std::vector<ArgBytes> args;
  record.plan->locate(record, args);
  const std::size_t format_arg = record.plan->find(ArgRole::kFormat);
  const std::string_view format = args[format_arg].text();
  std::size_t bytes = 0;
  split_format(format, [&](const FormatSegment& segment) {
    if (segment.arg == FormatSegment::kLiteral) return;
    bytes += kJsonTextGrowth * spec_text_growth(format.substr(segment.begin, segment.size));
    // It may name an argument again and again.
    const std::size_t arg = format_arg + 1 + segment.arg;
    if (arg < args.size()) {
      bytes += kValueTextExtra + value_text_growth(record.plan->args[arg].type) * args[arg].size;
    }
  });
  return bytes;
}

char* JsonLogForm::append_text(char* out, std::string_view text) {
  return append_json_text(out, text);
}

char* LineLogForm::append_text(char* out, std::string_view text) {
  return append_line_text(out, text);
}

template <class Form>
char* LogText<Form>::append(char* out, const SiteLayout& plan, const std::vector<ArgBytes>& args) {
  if (plan.has_format) return append_runtime(out, plan, args, plan.find(ArgRole::kFormat));
  for (const CompiledFormat::Op& op : plan.script.ops()) {
    out = plan.script.append(out, Form::literal(op));
    if (op.kind == ArgKind::kNone) break;
    out = append_arg(out, plan.args[op.arg], op, args[op.arg]);
  }
  return out;
}

template <class Form>
char* LogText<Form>::append_arg(char* out, const ArgLayout& arg, const CompiledFormat::Op& op,
                                const ArgBytes& bytes) {
  ByteCursor cursor(bytes.at, bytes.size);
  switch (op.kind) {
    case ArgKind::kText:
      return Form::append_text(out, bytes.text());
    case ArgKind::kInt:
      return append_integer(out, cursor.take<std::int32_t>());
    case ArgKind::kInt64:
      return append_integer(out, cursor.take<std::int64_t>());
    case ArgKind::kUnsigned:
      return append_unsigned(out, cursor.take<std::uint64_t>());
    case ArgKind::kReal:
      return append_text_real(out, cursor.take<double>());
    default:
      return append_arg(out, arg.type, bytes, op.spec);
  }
}

template <class Form>
char* LogText<Form>::append_in_order(char* out, const RecordView& record) {
  const SiteLayout& plan = *record.plan;
  const ArgLayout* arg = plan.args.data();
  const unsigned char* behind = record.args + plan.site->fixed_bytes;
  const unsigned char* const end = record.args + record.arg_bytes;
  for (const CompiledFormat::Op& op : plan.script.ops()) {
    out = plan.script.append(out, Form::literal(op));
    if (op.kind == ArgKind::kNone) break;
    const unsigned char* at = record.args + arg->offset;  // what a text names has no key
    std::size_t size = arg->bytes;
    if (arg->is_behind) {
      size = std::min<std::size_t>(load<std::uint32_t>(at), static_cast<std::size_t>(end - behind));
      at = std::exchange(behind, behind + size);
    }
    out = append_arg(out, *arg++, op, {{}, at, size});
  }
  return out;
}

template <class Form>
char* LogText<Form>::append_runtime(char* out, const SiteLayout& plan,
                                    const std::vector<ArgBytes>& args, std::size_t format) {
  const std::string_view text = args[format].text();
  char* const begin = out;
  const FormatError error = split_format(text, [&](const FormatSegment& segment) {
    const std::string_view piece = text.substr(segment.begin, segment.size);
    const std::size_t arg = format + 1 + segment.arg;
    if (segment.arg == FormatSegment::kLiteral) {
      out = Form::append_text(out, piece);
    } else if (arg < args.size() && plan.args[arg].role == ArgRole::kText) {
      out = append_arg(out, plan.args[arg].type, args[arg], piece);
    } else {
      out = append_plain_text(out, "{?}");
    }
  });
  // A broken format is shown as it is: the message matters more than its form.
  return error.what == nullptr ? out : Form::append_text(begin, text);
}

template <class Form>
char* LogText<Form>::append_arg(char* out, std::string_view type, const ArgBytes& bytes,
                                std::string_view spec) {
  const char letter = type[0];
  if (letter == 's' && spec.empty()) return Form::append_text(out, bytes.text());
  ByteCursor cursor(bytes.at, bytes.size);
  const bool is_safe = scalar_bytes(letter) != 0 && letter != 'c' && spec.empty();
  if (is_safe) return append_text_value(out, type, cursor);
  unescaped_.resize(kValueTextExtra + value_text_growth(type) * bytes.size +
                    spec_text_growth(spec));
  char* const begin = unescaped_.data();
  char* end = begin;
  if (letter == 's') {
    end = append_text_with_spec(begin, spec, bytes.text());
  } else if (!spec.empty()) {
    end = append_with_spec(begin, spec, type, cursor);
  } else {
    end = append_text_value(begin, type, cursor);
  }
  return Form::append_text(out, {begin, static_cast<std::size_t>(end - begin)});
}

template class LogText<JsonLogForm>;
template class LogText<LineLogForm>;

namespace {

// In its own digits: 0.1F is 0.1, not the double next to it.
char* append_float(char* out, float value) {
  return std::isfinite(value) ? append_json_real(out, value)
                              : append_short_real(out, static_cast<double>(value));
}

}  // namespace

char* append_count(char* out, const ArgLayout& arg, const ArgBytes& bytes) {
  ByteCursor cursor(bytes.at, bytes.size);
  if (arg.type == "d") return append_short_real(out, cursor.take<double>());
  if (arg.type == "f") return append_float(out, cursor.take<float>());
  std::string_view code = arg.type;
  return append_text_value(out, code, cursor);
}

}  // namespace metlog
