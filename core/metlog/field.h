#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <type_traits>

#include "metlog/internal/base/char8.h"

namespace metlog {

/// The `env_version` of every message.
inline constexpr std::string_view kEnvVersion = "0.8";

class Value;     // value.h
class ValueMap;  // value.h

/// The types of characters. signed char and unsigned char are numbers.
template <class C>
concept WrittenCharacter = std::same_as<C, char> || std::same_as<C, Char8> ||
    std::same_as<C, wchar_t> || std::same_as<C, char16_t> || std::same_as<C, char32_t>;

/// A value whose type is known only at run time: null, a bool, a number, a string, a list or a map.
/// Refers to the string and to the contents of the list or map. Two words, so that it is passed in
/// registers: a copy that is loaded right after its stores would wait for all earlier stores, those
/// to the ring included.
class FieldValue {
 public:
  /// The letter of the value in a record: as in type_code.h, and '0' for null. Each element of a
  /// list or map has its own letter.
  enum class Kind : char {
    kNull = '0',
    kBool = 'b',
    kInt = 'l',
    kUint = 'm',
    kReal = 'd',
    kText = 's',
    kList = '[',
    kMap = '{'
  };

  constexpr FieldValue() : uint_(0), tag_(tag(Kind::kNull)) {}
  constexpr FieldValue(std::nullptr_t) : FieldValue() {}
  constexpr FieldValue(std::string_view text)
      : text_(text.data()), tag_(tag(Kind::kText, text.size())) {}
  /// A null pointer is null.
  constexpr FieldValue(const char* text)
      : FieldValue(text == nullptr ? FieldValue() : FieldValue(std::string_view(text))) {}
  template <class T>
  requires requires(const T& text) {
    typename T::traits_type;
    text.data();
    text.size();
  }
  constexpr FieldValue(const T& text) : FieldValue(utf8(text.data(), text.size())) {}
  /// A null pointer is null.
  template <WrittenCharacter C>
  constexpr FieldValue(const C* text) : FieldValue() {
    if (text == nullptr) return;
    std::size_t size = 0;
    while (text[size] != C()) ++size;
    *this = FieldValue(utf8(text, size));
  }
  template <std::same_as<bool> T>
  constexpr FieldValue(T value) : uint_(value ? 1 : 0), tag_(tag(Kind::kBool)) {}
  /// A character is its text; a byte that is only a part of one becomes U+FFFD.
  template <WrittenCharacter C>
  constexpr FieldValue(C value)
      : FieldValue(utf8(&kCharacters<C>[static_cast<unsigned char>(value)], 1)) {}
  template <std::integral T>
  requires(!std::same_as<T, bool> && !WrittenCharacter<T>) constexpr FieldValue(T value)
      : uint_(static_cast<std::uint64_t>(value)),
        tag_(tag(std::is_signed_v<T> ? Kind::kInt : Kind::kUint)) {
    static_assert(sizeof(T) <= sizeof uint_,
                  "metlog takes integers of more than 64 bits in macro calls; here pass a string");
  }
  /// A long double beyond the range of double is a string that says so.
  template <std::floating_point T>
  constexpr FieldValue(T value) : real_(static_cast<double>(value)), tag_(tag(Kind::kReal)) {
    if constexpr (sizeof(T) > sizeof(double)) {
      if (value > kMaxReal && value <= __LDBL_MAX__) *this = "above 1.7976931348623157e+308";
      if (value < -kMaxReal && value >= -__LDBL_MAX__) *this = "below -1.7976931348623157e+308";
    }
  }

  // Templates, so that only code with Values needs value.h. Whole numbers that do not fit into 64
  // bits become the string of their digits.
  template <std::same_as<Value> T>
  FieldValue(const T& value) : FieldValue(of(value)) {}
  template <std::same_as<ValueMap> T>
  constexpr FieldValue(const T& map) : map_(&map), tag_(tag(Kind::kMap)) {}
  /// A ValueList, or any other array of values.
  template <class T>
  requires std::same_as<typename T::value_type, Value>
  constexpr FieldValue(const T& list) : items_(list.data()), tag_(tag(Kind::kList, list.size())) {}

  [[nodiscard]] constexpr Kind kind() const { return static_cast<Kind>(tag_ & 0xff); }
  [[nodiscard]] constexpr bool is_number() const {
    return kind() == Kind::kInt || kind() == Kind::kUint || kind() == Kind::kReal;
  }
  [[nodiscard]] constexpr bool is_nested() const {
    return kind() == Kind::kList || kind() == Kind::kMap;
  }
  /// The bits of a bool or an integer.
  [[nodiscard]] constexpr std::uint64_t bits() const { return uint_; }
  [[nodiscard]] constexpr double real() const { return real_; }
  /// The bits of a number of any kind.
  [[nodiscard]] constexpr std::uint64_t number_bits() const {
    return kind() == Kind::kReal ? std::bit_cast<std::uint64_t>(real_) : uint_;
  }
  [[nodiscard]] constexpr std::string_view text() const { return {text_, tag_ >> 8}; }
  /// The elements of a list.
  [[nodiscard]] constexpr const Value* items() const { return items_; }
  [[nodiscard]] constexpr std::size_t item_count() const { return tag_ >> 8; }
  [[nodiscard]] constexpr const ValueMap& map() const { return *map_; }

 private:
  static constexpr long double kMaxReal = static_cast<long double>(__DBL_MAX__);

  /// The texts of all characters of one byte.
  template <class C>
  static constexpr auto kCharacters = [] {
    std::array<C, 256> characters{};
    for (unsigned i = 0; i < 256; ++i) characters[i] = static_cast<C>(i);
    return characters;
  }();

  template <class C>
  static constexpr std::string_view utf8(const C* text, std::size_t size) {
    static_assert(sizeof(C) == 1,
                  "metlog converts strings and characters of wchar_t, char16_t and char32_t in "
                  "macro calls; here convert them to UTF-8 before the call");
    if constexpr (std::is_same_v<C, char>) {
      return {text, size};
    } else if constexpr (sizeof(C) == 1) {
      return {reinterpret_cast<const char*>(text), size};
    } else {
      return {};
    }
  }

  static FieldValue of(const Value& value);
  static constexpr std::uint64_t tag(Kind kind, std::size_t size = 0) {
    return static_cast<std::uint64_t>(kind) | static_cast<std::uint64_t>(size) << 8;
  }

  union {
    std::uint64_t uint_;
    double real_;
    const char* text_;
    const Value* items_;
    const ValueMap* map_;
  };
  std::uint64_t tag_;  // the kind, and in the upper 56 bits the size of a string or list
};
static_assert(sizeof(FieldValue) == 16);

/// A field of the function API: {"userid", 25}. Refers to the key.
struct Field {
  std::string_view key;
  FieldValue value;
};

/// A list of fields. Refers to an array that must outlive the call.
class FieldList {
 public:
  constexpr FieldList() = default;
  constexpr FieldList(std::initializer_list<Field> fields)
      : begin_(std::data(fields)), size_(fields.size()) {}
  constexpr FieldList(const Field* begin, std::size_t size) : begin_(begin), size_(size) {}

  [[nodiscard]] constexpr const Field* begin() const { return begin_; }
  [[nodiscard]] constexpr const Field* end() const { return begin_ + size_; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }

 private:
  const Field* begin_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
