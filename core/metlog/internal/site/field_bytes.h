#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/field.h"
#include "metlog/internal/site/composite.h"

namespace metlog {

/// Fields whose number and types are known at run time only, as a record holds them: their count
/// (uint32), and of each the key (uint32 and bytes), its value's letter, and the value. Of a list
/// that is the count of its elements (uint32), and of each its letter and value; of a map the same
/// as of fields.

/// How deep lists and maps may lie in each other. A value that lies deeper does not fit.
inline constexpr int kMaxValueDepth = 64;

/// A list or a map behind its letter, itself `depth` deep.
FlatTarget put_nested_value(FlatTarget to, const FieldValue& value, int depth);
/// Only what lies flat may lie so deep.
template <class Target>
Target put_nested_value(Target to, const FieldValue&, int) {
  return to.refused();
}
/// Bytes that this takes; kNoBytesSuffice when it lies too deep.
std::size_t nested_value_bytes(const FieldValue& value, int depth);
inline constexpr std::size_t kNoBytesSuffice = std::size_t{1} << 48;

/// What is neither a number nor a text, behind its letter.
template <class Target>
Target put_other_value(Target to, const FieldValue& value, int depth) {
  switch (value.kind()) {
    case FieldValue::Kind::kNull:
      return to;
    case FieldValue::Kind::kBool:
      return to.put_scalar(value.bits() != 0);
    case FieldValue::Kind::kList:
    case FieldValue::Kind::kMap:
      return put_nested_value(to, value, depth + 1);
    case FieldValue::Kind::kInt:
    case FieldValue::Kind::kUint:
    case FieldValue::Kind::kReal:
    case FieldValue::Kind::kText:
      break;
  }
  return to.refused();
}

template <class Target>
Target put_field_value(Target to, const FieldValue& value, int depth = 0) {
  const auto letter = static_cast<char>(value.kind());
  if (value.is_number()) return to.put_scalar(letter).put_scalar(value.number_bits());
  if (value.kind() == FieldValue::Kind::kText) {
    const TextRef text = reduce_text(value.text());
    if (to.lies_on_end(1 + sizeof(std::uint32_t) + text.size)) {
      to = to.put_here(letter).put_here(static_cast<std::uint32_t>(text.size));
      return to.put_here(text.at, text.size);
    }
    return to.put_scalar(letter).put_text(text);
  }
  return put_other_value(to.put_scalar(letter), value, depth);
}

template <class Target>
[[gnu::always_inline]] inline Target put_field(Target to, const Field& field) {
  const FieldValue& value = field.value;
  const TextRef key = reduce_text(field.key);
  const std::size_t size = sizeof(std::uint32_t) + key.size + 1 + sizeof(std::uint64_t);
  // Most fields by far.
  if (value.is_number() && to.lies_on_end(size)) {
    to = to.put_here(static_cast<std::uint32_t>(key.size)).put_here(key.at, key.size);
    return to.put_here(static_cast<char>(value.kind())).put_here(value.number_bits());
  }
  return put_field_value(to.put_text(key), value);
}

/// A FieldValue, Field or FieldList as an argument that is encoded so. A type of its own: in a
/// call's text or among its containers the three have no place.
template <class T>
struct RuntimeTypedRef {
  using IsRuntimeTyped = void;

  const T& value;
};
template <class T>
RuntimeTypedRef<T> runtime_typed(const T& value) {
  return {value};
}

/// What put_value() does of these.
template <class Target>
[[gnu::always_inline]] inline Target put_runtime_typed(Target to,
                                                       RuntimeTypedRef<FieldValue> value) {
  return put_field_value(to, value.value);
}
template <class Target>
[[gnu::always_inline]] inline Target put_runtime_typed(Target to, RuntimeTypedRef<Field> field) {
  return put_field(to, field.value);
}
template <class Target>
[[gnu::always_inline]] inline Target put_runtime_typed(Target to,
                                                       RuntimeTypedRef<FieldList> fields) {
  to = to.put_scalar(clamp_size(fields.value.size()));
  for (const Field& field : fields.value) to = put_field(to, field);
  return to;
}

/// Bytes that these take.
inline std::size_t field_value_bytes(const FieldValue& value, int depth = 0) {
  switch (value.kind()) {
    case FieldValue::Kind::kNull:
      return 1;
    case FieldValue::Kind::kBool:
      return 1 + 1;
    case FieldValue::Kind::kText:
      return 1 + sizeof(std::uint32_t) + value.text().size();
    case FieldValue::Kind::kList:
    case FieldValue::Kind::kMap:
      return 1 + nested_value_bytes(value, depth + 1);
    default:
      return 1 + sizeof(std::uint64_t);
  }
}
inline std::size_t field_bytes(const Field& field) {
  return sizeof(std::uint32_t) + field.key.size() + field_value_bytes(field.value);
}

}  // namespace metlog
