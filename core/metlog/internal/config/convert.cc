#include "metlog/internal/config/convert.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "metlog/error_kind.h"
#include "metlog/internal/config/text.h"

namespace metlog {
namespace {

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

bool is_word_character(char byte) {
  return is_digit(byte) || byte == '_' || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z');
}

/// An integer without leading zeros; -0 is 0.
Value whole_number(bool is_negative, std::string_view digits) {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  std::string text = is_negative && digits != "0" ? "-" : "";
  text.append(digits);
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  if (std::from_chars(text.data(), end, number).ec == std::errc()) return number;
  return Digits{std::move(text)};
}

std::optional<Value> integer_of(std::string_view text) {
  const bool is_negative = !text.empty() && text[0] == '-';
  const std::string_view digits = text.substr(is_negative ? 1 : 0);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  return whole_number(is_negative, digits);
}

std::optional<Value> bool_of(std::string_view text) {
  constexpr std::array<std::string_view, 4> kTrue = {"true", "t", "on", "yes"};
  constexpr std::array<std::string_view, 4> kFalse = {"false", "f", "off", "no"};
  if (text.size() > 5) return std::nullopt;
  const std::string lower = to_lower(text);
  if (std::find(kTrue.begin(), kTrue.end(), lower) != kTrue.end()) return true;
  if (std::find(kFalse.begin(), kFalse.end(), lower) != kFalse.end()) return false;
  return std::nullopt;
}

/// The name in ${NAME}, up to the last brace of the text; it may be empty.
std::optional<std::string> variable_in(std::string_view text) {
  if (text.substr(0, 2) != "${") return std::nullopt;
  if (text.substr(2, 1) == "}") return "";
  const std::size_t end = text.rfind('}');
  if (end == std::string_view::npos || !is_word_character(text[2])) return std::nullopt;
  return std::string(text.substr(2, end - 2));
}

absl::StatusOr<Value> convert_line(std::string_view line, const Environment& environment,
                                   std::vector<std::string>* variables) {
  const std::string_view text = trim(line);
  if (std::optional<Value> integer = integer_of(text)) return *std::move(integer);
  if (std::optional<Value> truth = bool_of(text)) return *std::move(truth);
  const std::optional<std::string> name = variable_in(text);
  if (!name.has_value()) return Value(text);
  std::optional<std::string> value = name->empty() ? std::nullopt : environment(*name);
  if (!value.has_value()) {
    return with_detail(
        absl::NotFoundError(std::string("Variable not found '")
                                .append(quote_excerpt(*name))
                                .append("'; set it in the environment, or write the value itself")),
        ErrorKind::kVariableNotFound, *name);
  }
  if (variables != nullptr) variables->push_back(*name);
  return Value(*std::move(value));
}

}  // namespace

absl::StatusOr<Value> convert(std::string_view text, const Environment& environment,
                              std::vector<std::string>* variables) {
  if (text.find('\n') == std::string_view::npos) {
    return convert_line(text, environment, variables);
  }
  ValueList list;
  for (bool is_last = false; !is_last;) {
    const std::size_t end = text.find('\n');
    is_last = end == std::string_view::npos;
    absl::StatusOr<Value> item = convert_line(text.substr(0, end), environment, variables);
    if (!item.ok()) return item.status();
    const bool is_empty = item->as_text() != nullptr && trim(*item->as_text()).empty();
    if (!is_empty) list.push_back(*std::move(item));
    if (!is_last) text.remove_prefix(end + 1);
  }
  return Value(std::move(list));
}

std::optional<std::string> process_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr || name.find('\0') != std::string::npos) return std::nullopt;
  return value;
}

}  // namespace metlog
