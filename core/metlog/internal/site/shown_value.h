#pragma once

#include <string>
#include <tuple>

#include "metlog/internal/site/type_concepts.h"

namespace metlog {

/// Returns the value that is written for a value of a Shown type:
///
///   atomic, reference_wrapper, a bit of vector<bool>   the value that they hold
///   bitset                                             its digits, the highest bit first
///   error_code, error_condition                        "generic:2: No such file or directory"
///   source_location                                    "file.cc:12"
///   complex                                            real and imaginary part: [1.5,-2.0]
///   a function                                         its address
template <Shown T>
constexpr decltype(auto) shown_value(const T& value) {
  if constexpr (std::is_function_v<T>) {
    return &value;
  } else if constexpr (Atomic<T>) {
    return value.load();
  } else if constexpr (ReferenceWrapper<T>) {
    return static_cast<const typename T::type&>(value.get());
  } else if constexpr (BitReference<T>) {
    return static_cast<bool>(value);
  } else if constexpr (Bitset<T>) {
    return value.to_string();
  } else if constexpr (ErrorCode<T>) {
    return std::string(value.category().name()) + ':' + std::to_string(value.value()) + ": " +
           value.message();
  } else if constexpr (SourceLocation<T>) {
    return std::string(value.file_name()) + ':' + std::to_string(value.line());
  } else {
    return std::tuple(value.real(), value.imag());
  }
}

/// A type whose values are logged as values of another type, by the user's function or by ours.
template <class T>
concept Converted = Reducible<T> || Shown<T>;

template <Converted T>
constexpr decltype(auto) converted(const T& value) {
  if constexpr (Reducible<T>) {
    return metlog_reduce(value);
  } else {
    return shown_value(value);
  }
}
template <Converted T>
using ConvertedTo = std::remove_cvref_t<decltype(converted(std::declval<const T&>()))>;

}  // namespace metlog
