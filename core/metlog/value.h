#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "metlog/internal/base/char8.h"

namespace metlog {

class Value;
struct ValueEntry;
struct ValueOrigin;

/// A whole number of any size as decimal digits, with a leading `-` if negative: for numbers that
/// do not fit into 64 bits.
struct Digits {
  std::string text;
  friend bool operator==(const Digits&, const Digits&) = default;
};

using ValueList = std::vector<Value>;

/// Keys and values in the order in which they were first set. For small maps: lookup is linear.
class ValueMap {
 public:
  ValueMap();
  ValueMap(std::initializer_list<ValueEntry> entries);
  ValueMap(const ValueMap& other);
  ValueMap(ValueMap&& other) noexcept;
  ValueMap& operator=(const ValueMap& other);
  ValueMap& operator=(ValueMap&& other) noexcept;
  ~ValueMap();

  /// Returns the value of a key; null when there is none.
  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] Value* find(std::string_view key);
  [[nodiscard]] bool contains(std::string_view key) const { return find(key) != nullptr; }
  /// Adds the key, or replaces its value in place; returns a reference to the value.
  Value& set(std::string_view key, Value value);
  /// Removes a key; true when there was one.
  bool erase(std::string_view key);

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] const ValueEntry* begin() const;
  [[nodiscard]] const ValueEntry* end() const;

  /// Compares keys and values; their order does not count.
  friend bool operator==(const ValueMap& one, const ValueMap& other);

 private:
  std::vector<ValueEntry> entries_;
};

/// A JSON value: a configuration, the parameters of a plugin, the fields of a message.
class Value {
 public:
  enum class Kind : std::uint8_t { kNull, kBool, kInteger, kDigits, kReal, kText, kList, kMap };

  Value() = default;
  Value(std::nullptr_t) {}
  template <std::same_as<bool> T>
  Value(T value) : data_(value) {}
  /// A character is a string; those of more than one byte are not taken.
  template <std::same_as<char> T>
  Value(T value) : data_(std::string(1, value)) {}
  template <class C>
  requires(std::same_as<C, wchar_t> || std::same_as<C, Char8> || std::same_as<C, char16_t> ||
           std::same_as<C, char32_t>) Value(C value)
  = delete;
  /// A number outside the range of int64 becomes Digits; one of 128 bits is not taken.
  template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
           !std::same_as<T, Char8> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t> &&
           sizeof(T) <= sizeof(std::int64_t)) Value(T value)
      : Value(Whole{}, value) {}
  template <std::floating_point T>
  Value(T value) : data_(static_cast<double>(value)) {}
  Value(Digits value) : data_(std::move(value)) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(ValueList value) : data_(std::move(value)) {}
  Value(ValueMap value) : data_(std::move(value)) {}

  [[nodiscard]] Kind kind() const { return static_cast<Kind>(data_.index()); }
  [[nodiscard]] bool is_null() const { return kind() == Kind::kNull; }

  // These return null when the value is of another kind.
  [[nodiscard]] const bool* as_bool() const { return std::get_if<bool>(&data_); }
  [[nodiscard]] const std::int64_t* as_integer() const { return std::get_if<std::int64_t>(&data_); }
  [[nodiscard]] const Digits* as_digits() const { return std::get_if<Digits>(&data_); }
  [[nodiscard]] const double* as_real() const { return std::get_if<double>(&data_); }
  [[nodiscard]] const std::string* as_text() const { return std::get_if<std::string>(&data_); }
  [[nodiscard]] const ValueList* as_list() const { return std::get_if<ValueList>(&data_); }
  [[nodiscard]] const ValueMap* as_map() const { return std::get_if<ValueMap>(&data_); }
  [[nodiscard]] ValueList* as_list() { return std::get_if<ValueList>(&data_); }
  [[nodiscard]] ValueMap* as_map() { return std::get_if<ValueMap>(&data_); }

  /// The place in a file where the value was written; null when unknown. Copies share it.
  [[nodiscard]] const ValueOrigin* origin() const { return origin_.get(); }
  void set_origin(std::shared_ptr<const ValueOrigin> origin) { origin_ = std::move(origin); }

  /// Compares kind and contents. Origins and the order of a map's keys do not count.
  friend bool operator==(const Value& one, const Value& other);

 private:
  struct Whole {};
  template <class T>
  Value(Whole, T value) {
    if constexpr (std::is_signed_v<T>) {
      data_ = static_cast<std::int64_t>(value);
    } else if (const std::uint64_t number = value; std::in_range<std::int64_t>(number)) {
      data_ = static_cast<std::int64_t>(number);
    } else {
      data_ = Digits{std::to_string(number)};
    }
  }

  // In the order of Kind.
  std::variant<std::monostate, bool, std::int64_t, Digits, double, std::string, ValueList, ValueMap>
      data_;
  std::shared_ptr<const ValueOrigin> origin_;
};

/// A key of a ValueMap and its value.
struct ValueEntry {
  std::string key;
  Value value;
};

/// Returns the name of a kind for messages: "null", "bool", "integer", "real", "text", "list",
/// "map".
std::string_view name_of(Value::Kind kind);

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
