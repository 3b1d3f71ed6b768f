#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <type_traits>

namespace metlog {

/// A value that is known at run time only: null, a bool, a number or a text. Refers to the text.
class FieldValue {
 public:
  /// Its letter in a record: as in type_code.h, and '0' for null.
  enum class Kind : char {
    kNull = '0',
    kBool = 'b',
    kInt = 'l',
    kUint = 'm',
    kReal = 'd',
    kText = 's'
  };

  constexpr FieldValue() : kind_(Kind::kNull), uint_(0) {}
  constexpr FieldValue(std::nullptr_t) : FieldValue() {}
  constexpr FieldValue(std::string_view text) : kind_(Kind::kText), text_(text) {}
  /// A null pointer is null.
  constexpr FieldValue(const char* text)
      : FieldValue(text == nullptr ? FieldValue() : FieldValue(std::string_view(text))) {}
  template <class T>
  requires requires(const T& text) {
    typename T::traits_type;
    text.data();
    text.size();
  }
  constexpr FieldValue(const T& text) : FieldValue(std::string_view(text.data(), text.size())) {}
  template <std::same_as<bool> T>
  constexpr FieldValue(T value) : kind_(Kind::kBool), uint_(value ? 1 : 0) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) constexpr FieldValue(T value)
      : kind_(std::is_signed_v<T> ? Kind::kInt : Kind::kUint),
        uint_(static_cast<std::uint64_t>(value)) {}
  template <std::floating_point T>
  constexpr FieldValue(T value) : kind_(Kind::kReal), real_(static_cast<double>(value)) {}

  [[nodiscard]] constexpr Kind kind() const { return kind_; }
  /// Of a bool or an integer: its bits.
  [[nodiscard]] constexpr std::uint64_t bits() const { return uint_; }
  [[nodiscard]] constexpr double real() const { return real_; }
  [[nodiscard]] constexpr std::string_view text() const { return text_; }

 private:
  Kind kind_;
  union {
    std::uint64_t uint_;
    double real_;
    std::string_view text_;
  };
};

/// A field of the function API: {"userid", 25}. Refers to the key.
struct Field {
  std::string_view key;
  FieldValue value;
};

/// Fields as a call takes them; refers to an array that outlives the call.
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
