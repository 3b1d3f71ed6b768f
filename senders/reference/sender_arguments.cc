#include "senders/reference/sender_arguments.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/config/text.h"

namespace metlog {

absl::Status wrong_argument(std::string_view parameter, const Value& value, std::string_view wanted,
                            const Value* written) {
  const auto view = [](std::string_view text) {
    return absl::string_view(text.data(), text.size());
  };
  const ValueOrigin* const origin = (written != nullptr ? *written : value).origin();
  const bool has_place = origin != nullptr && origin->line != 0;
  return absl::InvalidArgumentError(absl::StrCat(
      view(parameter), " takes ", view(wanted), ", not ", quote_excerpt(to_json(value)),
      has_place ? absl::StrCat(", at ", place_text(*origin)) : ""));
}

ValueList list_of(const Value& value) {
  return value.as_list() != nullptr ? *value.as_list() : ValueList{value};
}

absl::StatusOr<std::vector<std::string>> texts_of(std::string_view parameter, const Value& value) {
  std::vector<std::string> texts;
  for (const Value& one : list_of(value)) {
    if (one.as_text() == nullptr || one.as_text()->empty()) {
      return wrong_argument(parameter, one, "a string or a list of strings", &value);
    }
    texts.push_back(*one.as_text());
  }
  return texts;
}

absl::StatusOr<std::int64_t> number_of(std::string_view parameter, const Value& value,
                                       std::int64_t min, std::int64_t max, const Value* written) {
  std::int64_t number = min - 1;
  if (value.as_integer() != nullptr) number = *value.as_integer();
  if (value.as_text() != nullptr && !absl::SimpleAtoi(*value.as_text(), &number)) {
    number = min - 1;
  }
  if (number >= min && number <= max) return number;
  return wrong_argument(parameter, value, absl::StrCat("a whole number, ", min, " to ", max),
                        written);
}

absl::StatusOr<double> real_of(std::string_view parameter, const Value& value, double min,
                               double max, std::string_view unit) {
  double number = min - 1;
  if (value.as_integer() != nullptr) number = static_cast<double>(*value.as_integer());
  if (value.as_real() != nullptr) number = *value.as_real();
  if (value.as_text() != nullptr && !absl::SimpleAtod(*value.as_text(), &number)) {
    number = min - 1;
  }
  if (number >= min && number <= max) return number;
  return wrong_argument(parameter, value,
                        absl::StrCat("a number of ", absl::string_view(unit.data(), unit.size()),
                                     ", ", min, " to ", max));
}

absl::StatusOr<bool> flag_of(std::string_view parameter, const Value& value) {
  if (value.as_bool() != nullptr) return *value.as_bool();
  return wrong_argument(parameter, value, "true or false");
}

}  // namespace metlog
