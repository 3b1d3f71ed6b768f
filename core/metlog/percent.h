#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <array>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/client.h"
#include "metlog/internal/site/reduce.h"
#include "metlog/value.h"

namespace metlog {

// The original's %-format, for call sites that are carried over unchanged. Formats on the calling
// thread and allocates; a new call site uses METLOG_INFO and its like.

/// Returns an argument of a %-format: null, a bool, a number, a string, a list, a map, or a type
/// that metlog_reduce() makes one of these.
template <class T>
Value percent_value(const T& argument) {
  if constexpr (std::is_same_v<T, Value>) {
    return argument;
  } else if constexpr (Reducible<T>) {
    return percent_value(metlog_reduce(argument));
  } else if constexpr (std::is_same_v<T, char>) {
    return Value(std::string_view(&argument, 1));
  } else if constexpr (CString<T> || Text<T>) {
    if constexpr (std::is_pointer_v<T>) {
      if (argument == nullptr) return Value();
    }
    const TextRef text = reduce(argument);
    return Value(std::string_view(text.at, text.size));
  } else if constexpr (std::is_enum_v<T>) {
    return Value(static_cast<std::underlying_type_t<T>>(argument));
  } else if constexpr (Optional<T>) {
    return argument.has_value() ? percent_value(*argument) : Value();
  } else {
    return Value(argument);
  }
}

absl::StatusOr<std::string> percent_format_values(std::string_view format, const Value* arguments,
                                                  std::size_t count);

/// Formats by the original's rules. Without arguments, or with one empty map, returns the format
/// unchanged. `%(key)s` looks up one map; other arguments go by position, and all must be used.
/// Errors have the original's messages; kNotFound for a missing key.
template <class... A>
absl::StatusOr<std::string> percent_format(std::string_view format, const A&... arguments) {
  const std::array<Value, sizeof...(A)> values = {percent_value(arguments)...};
  return percent_format_values(format, values.data(), values.size());
}
/// Takes a map in braces: percent_format("%(of)s", {{"of", 5}}).
absl::StatusOr<std::string> percent_format(std::string_view format, const ValueMap& arguments);

/// A formatted text to be logged, or the reason why it could not be formatted.
class PercentText {
 public:
  explicit PercentText(absl::StatusOr<std::string> text) : text_(std::move(text)) {}

  [[nodiscard]] const absl::StatusOr<std::string>& text() const { return text_; }
  /// Logs the text; returns the reason if there is none. Client's log calls call this.
  absl::Status log_to(Client& client, Severity severity, const ExceptionRef& error = {}) const;

 private:
  absl::StatusOr<std::string> text_;
};

/// Formats for log.info(metlog::percent("%s of %d", name, 5)), whether or not the client blocks the
/// call. Nothing is sent if the format and its arguments do not fit, and the call returns why.
template <class... A>
PercentText percent(std::string_view format, const A&... arguments) {
  return PercentText(percent_format(format, arguments...));
}
PercentText percent(std::string_view format, const ValueMap& arguments);

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
