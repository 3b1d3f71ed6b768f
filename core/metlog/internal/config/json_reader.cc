#include "metlog/internal/config/json_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/json_fault.h"
#include "metlog/internal/config/text.h"
#include "metlog/internal/config/typed_value.h"
#include "metlog/internal/text/line_text.h"

namespace metlog {
namespace {

/// True for an integer beyond the range of int64.
bool is_big_integer(std::string_view token) {
  const std::string_view digits = token.substr(token.substr(0, 1) == "-" ? 1 : 0);
  if (digits.size() < 19 || digits[0] == '0' ||
      digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return false;
  }
  std::int64_t integer = 0;
  return std::from_chars(token.data(), token.data() + token.size(), integer).ec != std::errc();
}

/// The text with every big integer, which simdjson refuses, made a string: the quotes replace its
/// first and last digit.
std::string with_quoted_big_integers(std::string_view text) {
  std::string quoted_text(text);
  JsonTokens tokens(text);
  for (std::string_view token = tokens.next(); !token.empty(); token = tokens.next()) {
    if (!is_big_integer(token)) continue;
    quoted_text[tokens.at()] = '"';
    quoted_text[tokens.at() + token.size() - 1] = '"';
  }
  return quoted_text;
}

/// Walks through a document and the tokens of its text in parallel.
class JsonToValue {
 public:
  JsonToValue(std::string_view text, std::string_view file) : tokens_(text), file_(file) {}

  Value read(const simdjson::dom::element& element, const std::string& path) {
    const std::string_view token = tokens_.next();
    ValueOrigin origin;
    origin.file = file_;
    origin.line = tokens_.line();
    origin.key = path;
    Value value = read_typed(token, element, path);
    value.set_origin(std::make_shared<const ValueOrigin>(std::move(origin)));
    return value;
  }

 private:
  Value read_typed(std::string_view token, const simdjson::dom::element& element,
                   const std::string& path) {
    using Type = simdjson::dom::element_type;
    switch (element.type()) {
      case Type::OBJECT:
        return object(element.get_object().value_unsafe(), path);
      case Type::ARRAY:
        return list(element.get_array().value_unsafe(), path);
      case Type::STRING:
        if (token[0] != '"') return Digits{std::string(token)};
        return element.get_string().value_unsafe();
      case Type::INT64:
        return element.get_int64().value_unsafe();
      case Type::UINT64:
        return element.get_uint64().value_unsafe();
      case Type::DOUBLE:
        return element.get_double().value_unsafe();
      case Type::BOOL:
        return element.get_bool().value_unsafe();
      case Type::NULL_VALUE:
        break;
    }
    return nullptr;
  }

  Value object(const simdjson::dom::object& object, const std::string& path) {
    ValueMap map;
    for (const simdjson::dom::key_value_pair member : object) {
      tokens_.next();
      map.set(member.key, read(member.value, member_path(path, member.key)));
    }
    tokens_.next();
    return map;
  }

  Value list(const simdjson::dom::array& array, const std::string& path) {
    ValueList list;
    for (const simdjson::dom::element item : array) {
      list.push_back(read(item, item_path(path, list.size())));
    }
    tokens_.next();
    return list;
  }

  JsonTokens tokens_;
  std::string file_;
};

absl::Status refusal(std::string_view text, std::string_view file, simdjson::error_code error) {
  const std::optional<JsonFault> fault = find_json_fault(text, kMaxJsonDepth);
  std::string message = line_text(file);
  if (!fault.has_value()) {
    return absl::InvalidArgumentError(message.append(": ").append(simdjson::error_message(error)));
  }
  const std::string_view before = text.substr(0, fault->at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t column = fault->at - (before.rfind('\n') + 1) + 1;
  absl::StrAppend(&message, ":", line, ":", column, ": ", fault->what);
  const std::string_view rest = text.substr(fault->at, 24);
  if (!rest.empty()) message.append(", not ").append(quote(rest.substr(0, rest.find('\n'))));
  return absl::InvalidArgumentError(message);
}

}  // namespace

absl::StatusOr<Value> parse_json(std::string_view text, std::string_view file) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::string quoted_text = with_quoted_big_integers(text);
  // With quotes, an integer that stands where a key belongs would be one.
  if (quoted_text != text && find_json_fault(text, kMaxJsonDepth).has_value()) {
    return refusal(text, file, simdjson::TAPE_ERROR);
  }
  const simdjson::padded_string padded(quoted_text);
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::error_code error = parser.allocate(std::max<std::size_t>(padded.size(), 1),
                                               static_cast<std::size_t>(kMaxJsonDepth) + 1);
  if (error == simdjson::SUCCESS) error = parser.parse(padded).get(document);
  if (error != simdjson::SUCCESS) return refusal(text, file, error);
  return JsonToValue(text, file).read(document, "");
}

namespace {

constexpr std::string_view kBetween = " \t\r\n,:";
constexpr std::string_view kEndsWord = " \t\r\n,:{}[]\"";

}  // namespace

std::size_t json_string_length(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

std::string_view JsonTokens::next() {
  for (; end_ < text_.size() && kBetween.find(text_[end_]) != std::string_view::npos; ++end_) {
    if (text_[end_] == '\n') ++line_;
  }
  at_ = end_;
  const std::string_view rest = text_.substr(at_);
  if (rest.empty()) return rest;
  if (rest[0] == '"') {
    end_ += json_string_length(rest);
  } else {
    end_ += std::clamp<std::size_t>(rest.find_first_of(kEndsWord), 1, rest.size());
  }
  return text_.substr(at_, end_ - at_);
}

}  // namespace metlog
