#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <tuple>
#include <type_traits>
#include <utility>

#include "metlog/internal/base/char8.h"
#include "metlog/internal/base/int128.h"

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

// Strings.

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

/// Characters that are bytes of UTF-8, as char is.
template <class C>
concept ByteCharacter =
    std::same_as<C, Char8> || std::same_as<C, signed char> || std::same_as<C, unsigned char>;
/// Characters that are code points, or units of UTF-16.
template <class C>
concept WideCharacter =
    std::same_as<C, wchar_t> || std::same_as<C, char16_t> || std::same_as<C, char32_t>;

/// The type that a pointer points to, or that an array holds; void for any other type.
template <class T>
using Pointee = std::remove_cv_t<std::remove_pointer_t<
    std::conditional_t<std::is_pointer_v<std::decay_t<T>>, std::decay_t<T>, void>>>;

/// A string that consists of ByteCharacters, or of WideCharacters.
template <class T>
concept ByteText = requires(const T& text) {
  requires ByteCharacter<typename T::traits_type::char_type>;
  text.data()[text.size()];
};
template <class T>
concept WideText = requires(const T& text) {
  requires WideCharacter<typename T::traits_type::char_type>;
  text.data()[text.size()];
};
template <class T>
concept Utf8CString = std::same_as<Pointee<T>, Char8>;
template <class T>
concept WideCString = WideCharacter<Pointee<T>>;
/// A pointer that may point to a string or to bytes without an end. Not taken.
template <class T>
concept BytePointer = !Utf8CString<T> && (ByteCharacter<Pointee<T>> ||
                                          (std::same_as<Pointee<T>, char> && !CString<T>));

/// std::filesystem::path, which is a range of paths as well.
template <class T>
concept FilePath = requires(const T& path) {
  typename T::string_type;
  requires Text<std::remove_cvref_t<decltype(path.native())>>;
};

/// Every string that is UTF-8 in memory: its bytes are copied.
template <class T>
concept Utf8Text = Text<T> || CString<T> || ByteText<T> || Utf8CString<T> || FilePath<T>;
/// Every string that is converted to UTF-8 on the calling thread.
template <class T>
concept ConvertedText = WideText<T> || WideCString<T>;

// Times.

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

// Values in values.

template <class T>
concept Optional = requires(const T& value) {
  typename T::value_type;
  { value.has_value() } -> std::convertible_to<bool>;
  *value;
};

/// A type that std::begin() and std::end() take.
template <class T>
concept Iterable = requires(T& range) {
  *std::begin(range);
  std::begin(range) != std::end(range);
};
/// A view that changes when it is read, as filter_view does: a copy is read. Not one whose iterator
/// cannot be copied, because that is read from a place which the copy shares.
template <class T>
concept IterableCopy = !Iterable<const T> && Iterable<T> && std::copy_constructible<T> &&
                       std::copy_constructible<decltype(std::begin(std::declval<T&>()))>;

template <class T>
using RangeIterator =
    decltype(std::begin(std::declval<std::conditional_t<Iterable<const T>, const T&, T&>>()));

/// The type of a range's elements: of a vector<bool> bool, not the proxy that its iterator gives.
template <class T>
struct RangeElement {
  using Type = std::remove_cvref_t<decltype(*std::declval<RangeIterator<T>&>())>;
};
template <class T>
requires requires { typename std::iter_value_t<RangeIterator<T>>; }
struct RangeElement<T> {
  using Type = std::remove_cv_t<std::iter_value_t<RangeIterator<T>>>;
};

/// A container, a view, an array.
template <class T>
concept Range = !Utf8Text<T> && !ConvertedText<T> && !BytePointer<T> &&
                (Iterable<const T> || IterableCopy<T>)&&  // not a range of itself
                !std::same_as<typename RangeElement<T>::Type, T>;

template <class T>
concept SizedRange = Range<T> && requires(const T& range) {
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

/// std::variant and types with the same interface; the alternatives are its template arguments.
template <class T>
inline constexpr std::size_t kAlternatives = 0;
template <template <class...> class V, class... A>
inline constexpr std::size_t kAlternatives<V<A...>> = sizeof...(A);
template <class T>
concept Variant = kAlternatives<T>
!= 0 && requires(const T& value) {
  { value.index() } -> std::convertible_to<std::size_t>;
  { value.valueless_by_exception() } -> std::convertible_to<bool>;
};

// Types that are logged as another: shown_value.h.

template <class T>
concept Atomic = requires(const T& value) {
  value.load();
  value.is_lock_free();
};
/// One bit of a vector<bool> or a bitset.
template <class T>
concept BitReference = std::is_class_v<T> && std::convertible_to<T, bool> && requires(T& bit) {
  bit.flip();
};
template <class T>
concept Bitset = requires(const T& bits) {
  bits.to_string();
  bits.to_ullong();
  bits.test(0);
};
template <class T>
concept ErrorCode = requires(const T& error) {
  error.category().name();
  error.value();
  error.message();
};
template <class T>
concept SourceLocation = requires(const T& place) {
  place.file_name();
  place.line();
  place.column();
  place.function_name();
};
template <class T>
concept Complex = std::is_class_v<T> && requires(const T& number) {
  requires std::is_floating_point_v<typename T::value_type>;
  number.real();
  number.imag();
};
template <class T>
concept ReferenceWrapper = requires(const T& wrapper) {
  { wrapper.get() } -> std::same_as<typename T::type&>;
};
template <class T>
concept Shown = !Reducible<T> &&
                (Atomic<T> || BitReference<T> || Bitset<T> || ErrorCode<T> || SourceLocation<T> ||
                 Complex<T> || ReferenceWrapper<T> || std::is_function_v<T>);

// Scalars.

template <class T>
concept Integer128 = std::same_as<T, Int128> || std::same_as<T, Uint128>;
template <class T>
concept LongReal = std::same_as<T, long double> || std::same_as<T, Float128>;

/// A type that takes one to sixteen bytes in a record.
template <class T>
concept Scalar =
    !Reducible<T> && !CString<T> && !Utf8CString<T> && !WideCString<T> && !BytePointer<T> &&
    (std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_null_pointer_v<T> ||
     std::is_pointer_v<T> || Integer128<T> || LongReal<T> || Duration<T> || TimePoint<T>);

}  // namespace metlog
