#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/statusor.h"
#include "metlog/field.h"

namespace metlog {

/// A field of the command line, with the type that was asked for.
struct TypedField {
  std::string key;
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string> value;

  /// Refers to this.
  [[nodiscard]] Field field() const;
};

/// Reads `key=text`, or `key:=json` where json is a number, true, false or null.
/// kInvalidArgument names what is wrong with it.
absl::StatusOr<TypedField> parse_field(std::string_view text);

}  // namespace metlog
