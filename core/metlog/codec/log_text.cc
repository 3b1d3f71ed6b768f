#include "metlog/codec/log_text.h"

#include <cstring>

#include "metlog/codec/json_text.h"
#include "metlog/codec/line_text.h"
#include "metlog/codec/number_text.h"
#include "metlog/codec/spec_text.h"
#include "metlog/codec/value_text.h"

namespace metlog {
namespace {

// Most literals are short: two moves that may overlap, instead of a call.
char* append_literal(char* out, std::string_view text) {
  if (text.size() < 8 || text.size() > 16) return append_plain_text(out, text);
  std::memcpy(out, text.data(), 8);
  std::memcpy(out + text.size() - 8, text.data() + text.size() - 8, 8);
  return out + text.size();
}

}  // namespace

char* JsonLogForm::append_text(char* out, std::string_view text) {
  return append_json_text(out, text);
}

char* LineLogForm::append_text(char* out, std::string_view text) {
  return append_line_text(out, text);
}

template <class Form>
char* LogText<Form>::append(char* out, const SitePlan& plan, const std::vector<ArgBytes>& args) {
  if (plan.has_format) return append_runtime(out, plan, args, plan.find(ArgRole::kFormat));
  for (const PlannedSegment& segment : plan.segments) {
    if (segment.kind == SegmentKind::kLiteral) {
      out = append_literal(out, Form::literal(segment));
    } else {
      out = append_planned(out, plan, segment, args[segment.arg]);
    }
  }
  return out;
}

template <class Form>
char* LogText<Form>::append_planned(char* out, const SitePlan& plan, const PlannedSegment& segment,
                                    const ArgBytes& bytes) {
  ByteCursor cursor(bytes.at, bytes.size);
  switch (segment.kind) {
    case SegmentKind::kText:
      return Form::append_text(out, bytes.text());
    case SegmentKind::kInt:
      return append_integer(out, cursor.take<std::int32_t>());
    case SegmentKind::kInt64:
      return append_integer(out, cursor.take<std::int64_t>());
    case SegmentKind::kUnsigned:
      return append_unsigned(out, cursor.take<std::uint64_t>());
    case SegmentKind::kReal:
      return append_text_real(out, cursor.take<double>());
    default:
      return append_arg(out, plan.args[segment.arg].type, bytes, segment.spec);
  }
}

template <class Form>
std::size_t LogText<Form>::runtime_growth(std::string_view format) {
  std::size_t bytes = 0;
  split_format(format, [&](const FormatSegment& segment) {
    if (segment.arg == FormatSegment::kLiteral) return;
    bytes += kJsonTextGrowth * spec_text_growth(format.substr(segment.begin, segment.size));
  });
  return bytes;
}

template <class Form>
char* LogText<Form>::append_runtime(char* out, const SitePlan& plan,
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
  unescaped_.resize(kValueTextExtra + kValueTextGrowth * bytes.size + spec_text_growth(spec));
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

}  // namespace metlog
