#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <type_traits>

namespace metlog {

class Value;     // value.h
class ValueMap;  // value.h

/// A value that is known at run time only: null, a bool, a number, a text, a list or a map. Refers
/// to the text and to what the list or map holds.
class FieldValue {
 public:
  /// Its letter in a record: as in type_code.h, and '0' for null. The elements of a list or map
  /// have a letter each.
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

  // Templates, so that value.h is read only by those who have values. Whole numbers beyond 64 bits
  // are the text of their digits.
  template <std::same_as<Value> T>
  FieldValue(const T& value) : FieldValue(of(value)) {}
  template <std::same_as<ValueMap> T>
  constexpr FieldValue(const T& map) : kind_(Kind::kMap), map_(&map) {}
  /// A ValueList, or any other array of values.
  template <class T>
  requires std::same_as<typename T::value_type, Value>
  constexpr FieldValue(const T& list) : kind_(Kind::kList), list_{list.data(), list.size()} {}

  [[nodiscard]] constexpr Kind kind() const { return kind_; }
  [[nodiscard]] constexpr bool is_nested() const {
    return kind_ == Kind::kList || kind_ == Kind::kMap;
  }
  /// Of a bool or an integer: its bits.
  [[nodiscard]] constexpr std::uint64_t bits() const { return uint_; }
  [[nodiscard]] constexpr double real() const { return real_; }
  [[nodiscard]] constexpr std::string_view text() const { return text_; }
  /// Of a list: its elements.
  [[nodiscard]] constexpr const Value* items() const { return list_.items; }
  [[nodiscard]] constexpr std::size_t item_count() const { return list_.count; }
  [[nodiscard]] constexpr const ValueMap& map() const { return *map_; }

 private:
  struct Items {
    const Value* items;
    std::size_t count;
  };

  static FieldValue of(const Value& value);

  Kind kind_;
  union {
    std::uint64_t uint_;
    double real_;
    std::string_view text_;
    Items list_;
    const ValueMap* map_;
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
