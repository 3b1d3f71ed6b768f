#include "metlog/internal/codec/field_styles.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "metlog/internal/codec/any_value.h"
#include "metlog/internal/site/type_code.h"
#include "metlog/internal/text/field_value_text.h"
#include "metlog/internal/text/journal_text.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/line_text.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/syslog_text.h"

namespace metlog {
namespace {

// Most styles write JSON first, and change what is no value of theirs.

std::string_view view(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

/// True for an array or an object.
bool is_composite(std::string_view json) {
  return !json.empty() && (json.front() == '[' || json.front() == '{');
}

/// Makes a string of what was written.
char* quote(char* begin, char* end) {
  const std::string json(begin, end);
  char* out = begin;
  *out++ = '"';
  out = append_json_text(out, json);
  *out++ = '"';
  return out;
}

/// Writes a word that needs no quotes: what must not be in it becomes `_`.
template <class IsAllowed>
char* append_cleaned(char* out, std::string_view key, const IsAllowed& is_allowed) {
  if (key.empty()) *out++ = '_';
  for (const char letter : key) *out++ = is_allowed(letter) ? letter : '_';
  return out;
}

bool is_alphanumeric(char letter) {
  return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
         (letter >= 'A' && letter <= 'Z');
}

template <std::size_t N>
bool is_one_of(std::string_view key, const std::array<std::string_view, N>& keys) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

/// The format's own keys: a field of that name gets a `_` at its end.
constexpr std::array<std::string_view, 7> kLogfmtKeys = {"time", "level",  "logger", "msg",
                                                         "type", "caller", "thread"};
constexpr std::array<std::string_view, 11> kGelfKeys = {
    "id",          "logger", "type",     "file",    "line",     "thread",
    "thread_name", "pid",    "function", "process", "metlog_id"};
constexpr std::array<std::string_view, 3> kSyslogKeys = {"logger", "caller", "thread"};
constexpr std::array<std::string_view, 12> kJournalKeys = {
    "PRIORITY",  "SYSLOG_IDENTIFIER", "SYSLOG_PID", "LOGGER",  "TYPE",        "CODE_FILE",
    "CODE_LINE", "CODE_FUNC",         "TID",        "MESSAGE", "THREAD_NAME", "TIMESTAMP"};

/// Writes a value that is no string to `scratch`: a scalar as text, a composite as JSON.
std::string_view shown_value(std::string_view type, ByteCursor bytes, std::vector<char>& scratch) {
  const bool is_scalar = scalar_bytes(type[0]) != 0;
  scratch.resize(kValueTextExtra + value_text_growth(type) * bytes.left());
  return view(scratch.data(), is_scalar ? append_text_value(scratch.data(), type, bytes)
                                        : append_json_value(scratch.data(), type, bytes));
}

}  // namespace

char* EnvelopeFields::append_key(char* out, std::string_view key) {
  *out++ = '"';
  out = append_json_text(out, key);
  return append_plain_text(out, "\":");
}

char* EnvelopeFields::append_text(char* out, std::string_view text) {
  *out++ = '"';
  out = append_json_text(out, text);
  *out++ = '"';
  return out;
}

char* EnvelopeFields::append_value(char* out, std::string_view type, ByteCursor bytes,
                                   std::vector<char>&) {
  return append_json_value(out, type, bytes);
}

char* EnvelopeFields::append_stored(char* out, ByteCursor& bytes) {
  return append_json_field_value(out, bytes);
}

char* LineFields::append_key(char* out, std::string_view key) {
  out = append_line_word(out, key);
  *out++ = '=';
  return out;
}

char* LineFields::append_text(char* out, std::string_view text) {
  return append_line_word(out, text);
}

// Writes a scalar as in a log text, a string as a word, a composite as JSON.
char* LineFields::append_value(char* out, std::string_view type, ByteCursor bytes,
                               std::vector<char>& scratch) {
  const char letter = type[0];
  if (letter == 's') return append_line_word(out, bytes.take_text(bytes.take<std::uint32_t>()));
  if (letter == 'c') return append_line_word(out, bytes.take_text(1));
  // Characters, which may need an escape, and times, which may have spaces: `5ns since epoch`.
  constexpr std::string_view kWords = "CDEJQUt";
  if (kWords.find(letter) != std::string_view::npos) {
    char word[kValueTextExtra];
    const char* const end = append_text_value(word, type, bytes);
    return append_line_word(out, view(word, end));
  }
  if (scalar_bytes(letter) != 0) return append_text_value(out, type, bytes);
  scratch.resize(kValueTextExtra + value_text_growth(type) * bytes.left());
  const char* const end = append_json_value(scratch.data(), type, bytes);
  return append_line_text(out, view(scratch.data(), end));
}

char* LineFields::append_stored(char* out, ByteCursor& bytes) {
  return append_line_field_value(out, bytes);
}

char* LineFields::append_json(char* out, std::string_view, std::string_view line) {
  return append_plain_text(out, line);
}

char* LogfmtFields::append_key(char* out, std::string_view key) {
  out = append_cleaned(out, key, [](char letter) {
    const auto code = static_cast<unsigned char>(letter);
    return code > 0x20 && code < 0x7f && letter != '"' && letter != '=' && letter != '\\';
  });
  if (is_one_of(key, kLogfmtKeys)) *out++ = '_';
  *out++ = '=';
  return out;
}

char* LogfmtFields::append_text(char* out, std::string_view text) {
  return append_line_word(out, text);
}

char* LogfmtFields::append_value(char* out, std::string_view type, ByteCursor bytes,
                                 std::vector<char>& scratch) {
  const char letter = type[0];
  if (letter == 's' || scalar_bytes(letter) != 0) {
    return LineFields::append_value(out, type, bytes, scratch);
  }
  scratch.resize(kValueTextExtra + value_text_growth(type) * bytes.left());
  const char* const end = append_json_value(scratch.data(), type, bytes);
  return append_line_word(out, view(scratch.data(), end));
}

char* LogfmtFields::append_stored(char* out, ByteCursor& bytes) {
  ByteCursor same = bytes;
  if (static_cast<char>(same.take<std::uint8_t>()) == 's') {
    return append_line_field_value(out, bytes);
  }
  char* const end = append_json_field_value(out, bytes);
  return is_composite(view(out, end)) ? append_line_word(out, std::string(out, end)) : end;
}

char* LogfmtFields::append_json(char* out, std::string_view json, std::string_view line) {
  return is_composite(json) ? append_line_word(out, json) : append_plain_text(out, line);
}

template <class Style>
char* FinishedFields<Style>::append_value(char* out, std::string_view type, ByteCursor bytes,
                                          std::vector<char>&) {
  return Style::finish(out, append_json_value(out, type, bytes));
}

template <class Style>
char* FinishedFields<Style>::append_stored(char* out, ByteCursor& bytes) {
  return Style::finish(out, append_json_field_value(out, bytes));
}

template <class Style>
char* FinishedFields<Style>::append_json(char* out, std::string_view json, std::string_view) {
  return Style::finish(out, append_plain_text(out, json));
}

template struct FinishedFields<EcsFields>;
template struct FinishedFields<GelfFields>;
template struct FinishedFields<OtelFields>;

char* EcsFields::append_key(char* out, std::string_view key) {
  if (key.find('.') == std::string_view::npos) return EnvelopeFields::append_key(out, key);
  std::string flat(key);
  std::replace(flat.begin(), flat.end(), '.', '_');
  return EnvelopeFields::append_key(out, flat);
}

char* EcsFields::finish(char* begin, char* end) {
  return is_composite(view(begin, end)) ? quote(begin, end) : end;
}

char* GelfFields::append_key(char* out, std::string_view key) {
  out = append_plain_text(out, "\"_");
  out = append_cleaned(out, key, [](char letter) {
    return is_alphanumeric(letter) || letter == '_' || letter == '.' || letter == '-';
  });
  if (is_one_of(key, kGelfKeys)) *out++ = '_';
  return append_plain_text(out, "\":");
}

char* GelfFields::finish(char* begin, char* end) {
  const char first = *begin;
  const bool is_word = first == 't' || first == 'f' || first == 'n';
  return is_word || is_composite(view(begin, end)) ? quote(begin, end) : end;
}

char* OtelFields::append_key(char* out, std::string_view key) {
  out = append_json_text(append_plain_text(out, "{\"key\":\""), key);
  return append_plain_text(out, "\",\"value\":");
}

char* OtelFields::append_text(char* out, std::string_view text) {
  out = append_json_text(append_plain_text(out, "{\"stringValue\":\""), text);
  return append_plain_text(out, "\"}}");
}

// Of a number it is known before, as a rule, what surrounds it.
char* OtelFields::append_value(char* out, std::string_view type, ByteCursor bytes,
                               std::vector<char>& scratch) {
  const char letter = type[0];
  if (letter == 'i' || letter == 'u' || letter == 'l') {
    out = append_json_value(append_plain_text(out, "{\"intValue\":\""), type, bytes);
    return append_plain_text(out, "\"}}");
  }
  const double real = letter == 'd' ? ByteCursor(bytes).take<double>() : NAN;
  if (!std::isfinite(real)) return FinishedFields::append_value(out, type, bytes, scratch);
  out = append_json_double(append_plain_text(out, "{\"doubleValue\":"), real);
  return append_plain_text(out, "}}");
}

char* OtelFields::finish(char* begin, char* end) {
  const std::string_view json = view(begin, end);
  end =
      is_composite(json) ? append_any_value(begin, std::string(json)) : wrap_any_value(begin, end);
  return append_plain_text(end, "}");
}

char* SyslogFields::append_key(char* out, std::string_view key) {
  out = append_ascii_name(out, key, kMaxSdName, kNotInSdName, "_");
  if (is_one_of(key, kSyslogKeys)) *out++ = '_';
  return append_plain_text(out, "=\"");
}

char* SyslogFields::append_text(char* out, std::string_view text) {
  out = append_param_text(out, text);
  *out++ = '"';
  return out;
}

char* SyslogFields::append_value(char* out, std::string_view type, ByteCursor bytes,
                                 std::vector<char>& scratch) {
  const std::string_view shown = shown_value(type, bytes, scratch);
  const bool is_scalar = scalar_bytes(type[0]) != 0;
  out = is_scalar ? append_param_text(out, shown) : append_param_json(out, shown);
  *out++ = '"';
  return out;
}

char* SyslogFields::append_stored(char* out, ByteCursor& bytes) {
  out = append_payload_value(out, bytes, append_param_text, append_param_json);
  *out++ = '"';
  return out;
}

char* SyslogFields::append_json(char* out, std::string_view json, std::string_view line) {
  out = is_composite(json) ? append_param_json(out, json) : append_param_of_word(out, line);
  *out++ = '"';
  return out;
}

char* JournalFields::append_key(char* out, std::string_view key) {
  char* const end = append_journal_key(out, key);
  const bool is_own = is_one_of(view(out, end), kJournalKeys);
  return append_plain_text(end, is_own ? "_=" : "=");
}

char* JournalFields::append_text(char* out, std::string_view text) {
  return end_journal_value(out, append_block_text(out, text));
}

char* JournalFields::append_value(char* out, std::string_view type, ByteCursor bytes,
                                  std::vector<char>& scratch) {
  return append_text(out, shown_value(type, bytes, scratch));
}

char* JournalFields::append_stored(char* out, ByteCursor& bytes) {
  return end_journal_value(out,
                           append_payload_value(out, bytes, append_block_text, append_block_text));
}

char* JournalFields::append_json(char* out, std::string_view json, std::string_view line) {
  return is_composite(json) ? append_text(out, json)
                            : end_journal_value(out, append_block_of_word(out, line));
}

}  // namespace metlog
