#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace metlog {

/// The kinds of argument that a call takes. Recognised by shape, not by name, so that a call site
/// need not include <chrono>, <optional> or the containers.

/// The customisation point for user types: an overload of `metlog_reduce(const T&)`, found by
/// argument-dependent lookup, that returns something a call takes: a number, a string, a tuple of
/// these. It runs before a cell is touched, so it may itself log or throw.
template <class T>
concept Reducible = requires(const T& value) {
  metlog_reduce(value);
};

/// A value whose type is known only at run time: RuntimeTypedRef in field_bytes.h.
template <class T>
concept RuntimeTyped = requires {
  typename T::IsRuntimeTyped;
};

/// std::string, std::string_view and types with the same interface.
template <class T>
concept Text = requires(const T& text) {
  typename T::traits_type;
  { text.data() } -> std::convertible_to<const char*>;
  { text.size() } -> std::convertible_to<std::size_t>;
};

template <class T>
concept CString = std::is_same_v < std::decay_t<T>,
char* > || std::is_same_v<std::decay_t<T>, const char*>;

template <class T>
concept Duration = requires(const T& value) {
  typename T::rep;
  typename T::period;
  value.count();
};

template <class T>
concept TimePoint = requires(const T& value) {
  typename T::clock;
  { value.time_since_epoch() } -> Duration;
};

template <class T>
concept Optional = requires(const T& value) {
  typename T::value_type;
  { value.has_value() } -> std::convertible_to<bool>;
  *value;
};

template <class T>
concept Range = !Text<T> && requires(const T& range) {
  range.begin();
  range.end();
  { range.size() } -> std::convertible_to<std::size_t>;
};

template <class T>
concept Map = Range<T> && requires {
  typename T::mapped_type;
};

template <class T>
concept Tuple = !Range<T> && requires {
  std::tuple_size<T>::value;
};

/// A type that takes one to eight bytes in a record.
template <class T>
concept Scalar = !Reducible<T> && !CString<T> &&
                 ((std::is_arithmetic_v<T> && sizeof(T) <= 16) || std::is_enum_v<T> ||
                  std::is_null_pointer_v<T> || std::is_pointer_v<T> || Duration<T> || TimePoint<T>);

}  // namespace metlog
