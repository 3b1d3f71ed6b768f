#include "metlog/field.h"

#include <charconv>

#include "metlog/value.h"

namespace metlog {
namespace {

FieldValue of_digits(const std::string& digits) {
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  return error == std::errc() && stop == end ? FieldValue(number) : FieldValue(digits);
}

}  // namespace

FieldValue FieldValue::of(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return {};
    case Value::Kind::kBool:
      return *value.as_bool();
    case Value::Kind::kInteger:
      return *value.as_integer();
    case Value::Kind::kDigits:
      return of_digits(value.as_digits()->text);
    case Value::Kind::kReal:
      return *value.as_real();
    case Value::Kind::kText:
      return *value.as_text();
    case Value::Kind::kList:
      return *value.as_list();
    case Value::Kind::kMap:
      return *value.as_map();
  }
  return {};
}

}  // namespace metlog
