#include "metlog/internal/text/syslog_text.h"

#include <algorithm>

#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/line_text.h"

namespace metlog {
namespace {

struct Facility {
  std::string_view name;
  int number;
};
constexpr Facility kFacilities[] = {
    {"KERN", 0},      {"USER", 1},    {"MAIL", 2},    {"DAEMON", 3},  {"AUTH", 4},
    {"SYSLOG", 5},    {"LPR", 6},     {"NEWS", 7},    {"UUCP", 8},    {"CRON", 9},
    {"AUTHPRIV", 10}, {"FTP", 11},    {"LOCAL0", 16}, {"LOCAL1", 17}, {"LOCAL2", 18},
    {"LOCAL3", 19},   {"LOCAL4", 20}, {"LOCAL5", 21}, {"LOCAL6", 22}, {"LOCAL7", 23},
};

constexpr std::string_view kParamSpecials = "\"\\]";

char upper(char letter) {
  return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}

/// Puts a backslash before the special characters of what lies between `begin` and `end`.
char* put_backslashes(char* begin, char* end) {
  const std::string_view text(begin, static_cast<std::size_t>(end - begin));
  const auto count = std::count_if(text.begin(), text.end(), [](char letter) {
    return kParamSpecials.find(letter) != std::string_view::npos;
  });
  char* out = end + count;
  for (char* in = end; out != in;) {  // from the end on, in place
    *--out = *--in;
    if (kParamSpecials.find(*in) != std::string_view::npos) *--out = '\\';
  }
  return end + count;
}

constexpr std::size_t kUnitBytes = 6;  // of `\u001b`

/// True for `\ud8..` to `\udb..`, the first half of a character beyond U+FFFF.
bool is_high_half(std::string_view escape) {
  return escape.size() >= kUnitBytes && escape[1] == 'u' && escape[2] == 'd' &&
         (escape[3] == '8' || escape[3] == '9' || escape[3] == 'a' || escape[3] == 'b');
}

/// The bytes of the escape with which a text in quotes begins; both halves of a character.
std::size_t quoted_escape_bytes(std::string_view text) {
  if (text.size() < 2) return text.size();
  const std::size_t bytes = text[1] != 'u' ? 2 : is_high_half(text) ? 2 * kUnitBytes : kUnitBytes;
  return std::min(bytes, text.size());
}

/// Writes a character or escape of a text in quotes as append_reversible_text() has it.
char* append_as_in_text(char* out, std::string_view quoted) {
  if (quoted == "\\\"") return append_plain_text(out, "\"");
  const bool is_byte = quoted.size() == kUnitBytes && quoted.starts_with("\\udc");
  if (!is_byte) return append_plain_text(out, quoted);
  return append_plain_text(append_plain_text(out, "\\x"), quoted.substr(4));
}

}  // namespace

std::optional<int> syslog_facility(std::string_view name) {
  for (const Facility& facility : kFacilities) {
    if (std::equal(name.begin(), name.end(), facility.name.begin(), facility.name.end(),
                   [](char given, char known) { return upper(given) == known; })) {
      return facility.number;
    }
  }
  return std::nullopt;
}

std::string syslog_facilities() {
  std::string list;
  for (const Facility& facility : kFacilities) {
    if (!list.empty()) list += ", ";
    list += facility.name;
  }
  return list;
}

int syslog_priority(int facility, std::int64_t severity) {
  return facility * 8 + static_cast<int>(std::clamp<std::int64_t>(severity, 0, 7));
}

bool is_ascii_name(std::string_view name, std::size_t max_bytes, std::string_view excluded) {
  return name.size() <= max_bytes && std::all_of(name.begin(), name.end(), [&](char byte) {
           return byte > 0x20 && byte < 0x7f && excluded.find(byte) == std::string_view::npos;
         });
}

bool is_private_sd_id(std::string_view id) {
  const std::size_t at = id.find('@');
  return at != 0 && at != std::string_view::npos && at + 1 < id.size() &&
         id.find_first_not_of("0123456789.", at + 1) == std::string_view::npos &&
         is_ascii_name(id, kMaxSdName, kNotInSdName);
}

char* append_ascii_name(char* out, std::string_view name, std::size_t max_bytes,
                        std::string_view excluded, std::string_view absent) {
  if (name.empty()) return append_plain_text(out, absent);
  for (const char byte : name.substr(0, max_bytes)) {
    const bool is_allowed =
        byte > 0x20 && byte < 0x7f && excluded.find(byte) == std::string_view::npos;
    *out++ = is_allowed ? byte : '_';
  }
  return out;
}

char* append_param_text(char* out, std::string_view text) {
  return put_backslashes(out, append_reversible_text(out, text));
}

char* append_param_json(char* out, std::string_view json) {
  return put_backslashes(out, append_line_text(out, json));
}

char* append_param_of_word(char* out, std::string_view word) {
  const bool is_quoted = word.size() >= 2 && word.front() == '"';
  if (!is_quoted) return put_backslashes(out, append_plain_text(out, word));
  word = word.substr(1, word.size() - 2);
  while (!word.empty()) {
    const std::size_t taken = word.front() == '\\' ? quoted_escape_bytes(word) : 1;
    char* const begin = out;
    out = append_as_in_text(out, word.substr(0, taken));
    out = put_backslashes(begin, out);
    word.remove_prefix(taken);
  }
  return out;
}

}  // namespace metlog
