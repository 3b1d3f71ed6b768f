#include "metlog/internal/codec/layout.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "metlog/internal/base/utf8.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/level_words.h"
#include "metlog/internal/text/line_text.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/syslog_text.h"
#include "metlog/severity.h"

namespace metlog {
namespace {

struct Level {
  std::string_view word;
  std::string_view shown;  // upper case, as the macros have it
  std::string_view color;  // SGR parameters
  std::int64_t otel;       // SeverityNumber, as OpenTelemetry maps those of syslog
};

// Each severity has a colour of its own: white on
// red, red, yellow, ...
constexpr std::array<Level, 9> kLevels = {{{kLevelWords[0], "EMERG", "1;97;41", 21},
                                           {kLevelWords[1], "ALERT", "1;97;45", 19},
                                           {kLevelWords[2], "CRIT", "1;31", 18},
                                           {kLevelWords[3], "ERROR", "31", 17},
                                           {kLevelWords[4], "WARN", "33", 13},
                                           {kLevelWords[5], "NOTICE", "36", 10},
                                           {kLevelWords[6], "INFO", "32", 9},
                                           {kLevelWords[7], "DEBUG", "34", 5},
                                           {kLevelWords[8], "TRACE", "90", 1}}};

const Level* level_of(const MessageOrigin& origin) {
  if (origin.is_trace) return &kLevels.back();
  const std::int64_t severity = origin.severity;
  return severity >= 0 && severity < 8 ? &kLevels[static_cast<std::size_t>(severity)] : nullptr;
}

std::string_view last_component(std::string_view path) { return path.substr(path.rfind('/') + 1); }

char* append_level(char* out, PartKind kind, const MessageOrigin& origin) {
  const Level* const level = level_of(origin);
  const std::int64_t severity = origin.severity;
  if (kind == PartKind::kSeverityNumber) {
    return append_int(out, level != nullptr ? level->otel : severity < 0 ? 24 : 1);
  }
  if (level == nullptr) return append_int(out, severity);
  switch (kind) {
    case PartKind::kLevel:
      return append_plain_text(out, level->word);
    case PartKind::kLevelLetter:
      return append_plain_text(out, level->shown.substr(0, 1));
    default:
      return append_plain_text(out, level->shown);
  }
}

char* append_place(char* out, const PartSource& source, LayoutStyle style) {
  if (source.file.empty()) return out;
  out = append_styled(out, source.file, style);
  *out++ = ':';
  return append_uint(out, source.line);
}

/// What is before, between and after file, line and function in a style.
struct PlaceKeys {
  std::string_view file;
  std::string_view line;
  std::string_view function;
  std::string_view end;
};

PlaceKeys place_keys(LayoutStyle style) {
  switch (style) {
    case LayoutStyle::kEcs:
      return {",\"log.origin.file.name\":\"",
              "\",\"log.origin.file.line\":", ",\"log.origin.function\":\"", "\""};
    case LayoutStyle::kGelf:
      return {"\"_file\":\"", "\",\"_line\":", ",\"_function\":\"", "\","};
    case LayoutStyle::kJournal:
      return {"\nCODE_FILE=", "\nCODE_LINE=", "\nCODE_FUNC=", ""};
    default:
      return {"{\"key\":\"code.file.path\",\"value\":{\"stringValue\":\"",
              "\"}},{\"key\":\"code.line.number\",\"value\":{\"intValue\":\"",
              "\"}},{\"key\":\"code.function.name\",\"value\":{\"stringValue\":\"", "\"}},"};
  }
}

char* append_place_member(char* out, const PartSource& source, LayoutStyle style) {
  if (source.file.empty()) return out;
  if (style == LayoutStyle::kLogfmt || style == LayoutStyle::kSyslog) {
    std::string place(last_component(source.file));
    place.append(":").append(std::to_string(source.line));
    const bool is_param = style == LayoutStyle::kSyslog;
    out = append_plain_text(out, is_param ? " caller=\"" : " caller=");
    out = append_styled(out, place, style);
    return append_plain_text(out, is_param ? "\"" : "");
  }
  const PlaceKeys keys = place_keys(style);
  out = append_styled(append_plain_text(out, keys.file), source.file, style);
  out = append_uint(append_plain_text(out, keys.line), source.line);
  out = append_styled(append_plain_text(out, keys.function), source.function, style);
  return append_plain_text(out, keys.end);
}

char* append_type_member(char* out, std::string_view type, LayoutStyle style) {
  if (type == "oldstyle") return out;
  if (style == LayoutStyle::kLogfmt) {
    return append_styled(append_plain_text(out, " type="), type, style);
  }
  if (style == LayoutStyle::kEcs) {
    out = append_styled(append_plain_text(out, ",\"event.action\":\""), type, style);
    return append_plain_text(out, "\"");
  }
  const bool is_event = type != "counter" && type != "timer";
  if (style != LayoutStyle::kOtel || !is_event) return out;
  out = append_styled(append_plain_text(out, ",\"eventName\":\""), type, style);
  return append_plain_text(out, "\"");
}

/// A text as a part shows it.
char* append_shown(char* out, std::string_view text, const LayoutPart& part, LayoutStyle style) {
  if (part.max_name != 0) return append_ascii_name(out, text, part.max_name, part.text, "-");
  return append_styled(out, text, style);
}

/// Returns how many bytes the escape takes that a text begins with: `\n`, `\xe9`, `\u001b`, or two
/// of these for a pair of surrogates. 0 when it begins with none.
std::size_t escape_bytes(std::string_view text) {
  constexpr std::size_t kUnit = 6;
  if (text.size() < 2 || text[0] != '\\') return 0;
  if (text[1] == 'x') return std::min<std::size_t>(4, text.size());
  if (text[1] != 'u') return 2;
  const bool is_high = text.size() > 2 * kUnit - 1 && text[2] == 'd' && text[3] < 'c' &&
                       text[3] >= '8' && text[kUnit] == '\\' && text[kUnit + 1] == 'u';
  return std::min(is_high ? 2 * kUnit : kUnit, text.size());
}

/// Returns the end of what fits into so many columns. It ends before an escape that does not: what
/// follows could make another one of its beginning.
char* cut_to_columns(char* begin, const char* end, std::size_t columns) {
  while (begin != end) {
    const std::string_view rest(begin, static_cast<std::size_t>(end - begin));
    const std::size_t escape = escape_bytes(rest);
    const std::size_t taken = escape == 0 ? 1 : escape;  // an escape is ASCII
    if (taken > columns) break;
    columns -= taken;
    begin += escape == 0 ? first_utf8_sequence(rest).bytes : escape;
  }
  return begin;
}

std::size_t mentions(const std::vector<LayoutPart>& parts, std::initializer_list<PartKind> kinds) {
  return static_cast<std::size_t>(
      std::count_if(parts.begin(), parts.end(), [&](const LayoutPart& part) {
        return std::find(kinds.begin(), kinds.end(), part.kind) != kinds.end();
      }));
}

}  // namespace

char* append_styled(char* out, std::string_view text, LayoutStyle style) {
  switch (style) {
    case LayoutStyle::kLine:
      return append_reversible_text(out, text);
    case LayoutStyle::kJournal:
      return append_line_text(out, text);
    case LayoutStyle::kLogfmt:
      return append_line_word(out, text);
    case LayoutStyle::kSyslog:
      return append_param_text(out, text);
    default:
      return append_json_text(out, text);
  }
}

char* append_constant(char* out, const LayoutPart& part, const Layout& layout,
                      const PartSource& source, const ProcessText& process) {
  const Level* const level = level_of(source.origin);
  switch (part.kind) {
    case PartKind::kLiteral:
      return append_plain_text(out, part.text);
    case PartKind::kLevel:
    case PartKind::kLevelLetter:
    case PartKind::kLevelShort:
    case PartKind::kSeverityNumber:
      return append_level(out, part.kind, source.origin);
    case PartKind::kSeverity:
      return append_int(out, source.origin.severity);
    case PartKind::kPriority:
      return append_int(out, syslog_priority(layout.facility, source.origin.severity));
    case PartKind::kLogger:
      return append_shown(out, source.origin.logger, part, layout.style);
    case PartKind::kType:
      return append_shown(out, source.origin.type, part, layout.style);
    case PartKind::kTypeMember:
      return append_type_member(out, source.origin.type, layout.style);
    case PartKind::kFile:
      return append_styled(out, last_component(source.file), layout.style);
    case PartKind::kPath:
      return append_styled(out, source.file, layout.style);
    case PartKind::kPlace:
      return append_place(out, source, layout.style);
    case PartKind::kPlaceMember:
      return append_place_member(out, source, layout.style);
    case PartKind::kLine:
      return append_uint(out, source.line);
    case PartKind::kFunction:
      return append_styled(out, source.function, layout.style);
    case PartKind::kPid:
      return append_int(out, process.pid);
    case PartKind::kHost:
      return append_shown(out, process.hostname, part, layout.style);
    case PartKind::kProgram:
      return append_shown(out, process.program, part, layout.style);
    case PartKind::kColorBegin:
      if (!layout.is_colored || level == nullptr) return out;
      out = append_plain_text(append_plain_text(out, "\x1b["), level->color);
      return append_plain_text(out, "m");
    case PartKind::kColorEnd:
      return layout.is_colored && level != nullptr ? append_plain_text(out, "\x1b[0m") : out;
    default:
      return out;
  }
}

char* align_part(char* begin, char* end, const LayoutPart& part) {
  if (part.is_cut) end = cut_to_columns(begin, end, part.width);
  const std::string_view text(begin, static_cast<std::size_t>(end - begin));
  const std::size_t characters = count_characters(text);
  if (characters >= part.width) return end;
  const std::size_t missing = part.width - characters;
  const std::size_t before = part.align == LayoutPart::Align::kLeft     ? 0
                             : part.align == LayoutPart::Align::kCenter ? missing / 2
                                                                        : missing;
  std::memmove(begin + before, begin, text.size());
  std::memset(begin, ' ', before);
  std::memset(end + before, ' ', missing - before);
  return end + missing;
}

/// Makes one part of a second and its fraction, and of the literal before them.
void Layout::join_times() {
  std::vector<LayoutPart> joined;
  for (LayoutPart& part : parts) {
    const bool is_aligned = part.width != 0;
    LayoutPart* const last = joined.empty() ? nullptr : &joined.back();
    const bool is_fraction = part.kind == PartKind::kMillis || part.kind == PartKind::kMicros;
    const bool follows_dot = joined.size() > 1 && last->kind == PartKind::kLiteral &&
                             last->text.find('%') == std::string::npos;
    LayoutPart* const second = !follows_dot ? last : last - 1;
    if (!is_aligned && is_fraction && second != nullptr && second->width == 0 &&
        second->kind == PartKind::kSecond) {
      if (follows_dot) {
        second->text += last->text;
        joined.pop_back();
      }
      joined.back().kind =
          part.kind == PartKind::kMillis ? PartKind::kSecondMillis : PartKind::kSecondMicros;
      continue;
    }
    joined.push_back(std::move(part));
  }
  parts.clear();
  for (LayoutPart& part : joined) {
    const bool is_first = parts.size() < 2 || is_per_record(parts[parts.size() - 2].kind);
    if (part.width == 0 && is_of_calendar(part.kind) && part.kind != PartKind::kMillis &&
        part.kind != PartKind::kMicros && part.kind != PartKind::kNanos && !parts.empty() &&
        parts.back().kind == PartKind::kLiteral && is_first) {
      part.before = std::move(parts.back().text);
      parts.pop_back();
    }
    parts.push_back(std::move(part));
  }
}

void Layout::complete() {
  constexpr std::size_t kPartBytes = 320;  // more than any part that has no text of others
  join_times();
  for (const LayoutPart& part : parts) {
    fixed_bytes += kPartBytes + 2 * part.text.size() + part.before.size() + part.width;
    if (is_of_calendar(part.kind)) fixed_bytes += 32 * part.text.size();
    has_seconds |= is_of_calendar(part.kind);
    has_thread |= is_of_thread(part.kind);
  }
  std::size_t begin = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!is_per_record(parts[i].kind)) continue;
    steps.push_back({begin, i});
    begin = i + 1;
  }
  steps.push_back({begin, parts.size()});
  using enum PartKind;
  client_mentions = mentions(parts, {kLogger});
  process_mentions = mentions(parts, {kHost, kProgram});
  place_mentions = mentions(parts, {kFile, kPath, kPlace, kPlaceMember, kLine, kFunction});
  record_factor = std::max({std::size_t{1}, mentions(parts, {kText, kMessage, kPayload}),
                            mentions(parts, {kType, kTypeMember, kText, kMessage}), client_mentions,
                            mentions(parts, {kFields, kField})});
}

}  // namespace metlog
