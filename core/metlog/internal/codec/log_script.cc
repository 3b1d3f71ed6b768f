#include "metlog/internal/codec/log_script.h"

#include <utility>

#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/line_text.h"

namespace metlog {
namespace {

ArgKind kind_of(const PlannedArg& arg, std::string_view spec) {
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

LogScript::LogScript(const RegisteredSite& site, const std::vector<PlannedArg>& args) {
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

void LogScript::add(const std::string& literal, ArgKind kind, std::uint16_t arg, std::string spec) {
  const Literal json = keep(json_text(literal));
  steps_.push_back({json, keep(line_text(literal)), kind, arg, std::move(spec)});
}

LogScript::Literal LogScript::keep(std::string_view text) {
  // The same in both forms, as a rule, and then once.
  const std::size_t found = pool_.rfind(text);
  const std::size_t begin = found != std::string::npos ? found : pool_.size();
  if (found == std::string::npos) pool_ += text;
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(text.size())};
}

}  // namespace metlog
