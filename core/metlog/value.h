#pragma once

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

namespace metlog {

class Value;
struct ValueEntry;
struct ValueOrigin;

/// A whole number of any size as its decimal digits, `-` in front: for what 64 bits do not hold.
struct Digits {
  std::string text;
  friend bool operator==(const Digits&, const Digits&) = default;
};

using ValueList = std::vector<Value>;

/// Keys and values in the order in which they were first set. Small: looked through one by one.
class ValueMap {
 public:
  ValueMap();
  ValueMap(std::initializer_list<ValueEntry> entries);
  ValueMap(const ValueMap& other);
  ValueMap(ValueMap&& other) noexcept;
  ValueMap& operator=(const ValueMap& other);
  ValueMap& operator=(ValueMap&& other) noexcept;
  ~ValueMap();

  /// Null when there is no such key.
  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] Value* find(std::string_view key);
  [[nodiscard]] bool contains(std::string_view key) const { return find(key) != nullptr; }
  /// Adds the key, or gives it another value in its place; a reference to that value.
  Value& set(std::string_view key, Value value);
  /// True when the key was there.
  bool erase(std::string_view key);

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] const ValueEntry* begin() const;
  [[nodiscard]] const ValueEntry* end() const;

  /// Whatever their order.
  friend bool operator==(const ValueMap& one, const ValueMap& other);

 private:
  std::vector<ValueEntry> entries_;
};

/// What JSON can say: a configuration, a plugin's parameters, a message's fields.
class Value {
 public:
  enum class Kind : std::uint8_t { kNull, kBool, kInteger, kDigits, kReal, kText, kList, kMap };

  Value() = default;
  Value(std::nullptr_t) {}
  template <std::same_as<bool> T>
  Value(T value) : data_(value) {}
  /// Beyond the range of int64 it becomes Digits.
  template <std::integral T>
  requires(!std::same_as<T, bool>) Value(T value) : Value(Whole{}, value) {}
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

  // Null when the value is of another kind.
  [[nodiscard]] const bool* as_bool() const { return std::get_if<bool>(&data_); }
  [[nodiscard]] const std::int64_t* as_integer() const { return std::get_if<std::int64_t>(&data_); }
  [[nodiscard]] const Digits* as_digits() const { return std::get_if<Digits>(&data_); }
  [[nodiscard]] const double* as_real() const { return std::get_if<double>(&data_); }
  [[nodiscard]] const std::string* as_text() const { return std::get_if<std::string>(&data_); }
  [[nodiscard]] const ValueList* as_list() const { return std::get_if<ValueList>(&data_); }
  [[nodiscard]] const ValueMap* as_map() const { return std::get_if<ValueMap>(&data_); }
  [[nodiscard]] ValueList* as_list() { return std::get_if<ValueList>(&data_); }
  [[nodiscard]] ValueMap* as_map() { return std::get_if<ValueMap>(&data_); }

  /// Where it was written; null when nobody knows. Copies have the same one.
  [[nodiscard]] const ValueOrigin* origin() const { return origin_.get(); }
  void set_origin(std::shared_ptr<const ValueOrigin> origin) { origin_ = std::move(origin); }

  /// Same kind, same contents, wherever written; the order of a map's keys does not count.
  friend bool operator==(const Value& one, const Value& other);

 private:
  struct Whole {};
  template <class T>
  Value(Whole, T value) {
    if (std::in_range<std::int64_t>(value)) {
      data_ = static_cast<std::int64_t>(value);
    } else {
      data_ = Digits{std::to_string(value)};
    }
  }

  // In the order of Kind.
  std::variant<std::monostate, bool, std::int64_t, Digits, double, std::string, ValueList, ValueMap>
      data_;
  std::shared_ptr<const ValueOrigin> origin_;
};

/// A key of a ValueMap and what it stands for.
struct ValueEntry {
  std::string key;
  Value value;
};

/// For messages: "null", "bool", "integer", "real", "text", "list", "map".
std::string_view name_of(Value::Kind kind);

}  // namespace metlog
