#include "tools/metlog/typed_field.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <optional>

namespace metlog {
namespace {

using Held = decltype(TypedField::value);

std::optional<Held> parse_value(std::string_view json) {
  namespace dom = simdjson::dom;
  dom::parser parser;
  dom::element element;
  if (parser.parse(json.data(), json.size()).get(element) != simdjson::SUCCESS) return std::nullopt;
  switch (element.type()) {
    case dom::element_type::NULL_VALUE:
      return nullptr;
    case dom::element_type::BOOL:
      return bool(element);
    case dom::element_type::INT64:
      return std::int64_t(element);
    case dom::element_type::UINT64:
      return std::uint64_t(element);
    case dom::element_type::DOUBLE:
      return double(element);
    default:
      return std::nullopt;
  }
}

absl::Status wrong(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("\"{}\": {}", text, why));
}

}  // namespace

Field TypedField::field() const {
  return {key, std::visit([](const auto& held) { return FieldValue(held); }, value)};
}

absl::StatusOr<TypedField> parse_field(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return wrong(text, "there is no =; write key=text, or key:=4.2 for a number");
  }
  const bool is_json = equals > 0 && text[equals - 1] == ':';
  TypedField field;
  field.key = text.substr(0, is_json ? equals - 1 : equals);
  if (field.key.empty()) return wrong(text, "the key is missing; write key=text or key:=4.2");
  const std::string_view value = text.substr(equals + 1);
  if (!is_json) {
    field.value = std::string(value);
    return field;
  }
  std::optional<Held> parsed = parse_value(value);
  if (!parsed.has_value()) {
    return wrong(text, fmt::format("\"{}\" is no JSON number of 64 bits, nor true, false or null; "
                                   "for text write {}={}",
                                   value, field.key, value));
  }
  field.value = *std::move(parsed);
  return field;
}

}  // namespace metlog
