#include "tools/router/match/match_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "absl/strings/cord.h"
#include "metlog/internal/base/utf8.h"
#include "tools/console/escape_for_terminal.h"

namespace metlog {
namespace {

constexpr std::size_t kShownBefore = 40;  // characters before the place
constexpr std::size_t kShown = 72;        // in all
// The payload: where the error begins, and how many bytes of the message name that place.
constexpr absl::string_view kParts = "metlog.match_error";

std::size_t line_begin(std::string_view text, std::size_t at) {
  const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return before == std::string_view::npos ? 0 : before + 1;
}

/// Calls f(character, its offset) for each character.
template <class F>
void each_character(std::string_view text, F f) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = first_utf8_sequence(text.substr(at)).bytes;
    f(text.substr(at, bytes), at);
    at += bytes;
  }
}

std::size_t characters_of(std::string_view text) {
  std::size_t count = 0;
  each_character(text, [&count](std::string_view, std::size_t) { ++count; });
  return count;
}

/// One character of the text in one column.
std::string_view shown(std::string_view character) {
  if (character == "\t") return " ";
  return escape_for_terminal(character) == character ? character : "?";
}

}  // namespace

std::string match_place(std::string_view text, std::size_t at) {
  at = std::min(at, text.size());
  const std::size_t begin = line_begin(text, at);
  const std::size_t column = characters_of(text.substr(begin, at - begin)) + 1;
  const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  const bool has_lines = text.find('\n') != std::string_view::npos;
  return has_lines ? fmt::format("line {}, column {}", lines + 1, column)
                   : fmt::format("column {}", column);
}

absl::Status match_error(std::string_view text, std::size_t begin, std::size_t end,
                         std::string_view what) {
  begin = std::min(begin, text.size());
  const std::size_t line_at = line_begin(text, begin);
  const std::string_view line =
      text.substr(line_at, std::min(text.find('\n', begin), text.size()) - line_at);
  const std::size_t column = characters_of(line.substr(0, begin - line_at));
  const std::size_t skipped = column > kShownBefore ? column - kShownBefore : 0;
  std::string above = skipped == 0 ? "" : "..";
  std::string below(above.size(), ' ');
  std::size_t index = 0;
  each_character(line, [&](std::string_view character, std::size_t at) {
    ++index;
    if (index <= skipped || index > skipped + kShown) return;
    const std::size_t place = line_at + at;
    above += shown(character);
    if (place < begin) below += ' ';
    if (place >= begin && (place < end || place == begin)) below += '^';
  });
  if (begin == line_at + line.size()) below += '^';
  if (index > skipped + kShown) above += "..";
  const std::string at = match_place(text, begin) + ": ";
  absl::Status status =
      absl::InvalidArgumentError(fmt::format("{}{}\n  {}\n  {}", at, what, above, below));
  status.SetPayload(kParts, absl::Cord(fmt::format("{} {}", begin, at.size())));
  return status;
}

std::optional<MatchErrorParts> match_error_parts(const absl::Status& status) {
  const auto payload = status.GetPayload(kParts);
  if (!payload.has_value()) return std::nullopt;
  const std::string numbers(*payload);
  std::size_t begin = 0;
  std::size_t skipped = 0;
  const char* const end = numbers.data() + numbers.size();
  const char* const blank = std::from_chars(numbers.data(), end, begin).ptr;
  std::from_chars(blank + 1, end, skipped);
  const absl::string_view message = status.message();
  return MatchErrorParts{begin, std::string_view(message.data(), message.size()).substr(skipped)};
}

}  // namespace metlog
