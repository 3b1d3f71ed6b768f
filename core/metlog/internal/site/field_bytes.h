#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/field.h"
#include "metlog/internal/site/composite.h"

namespace metlog {

/// The encoding of fields whose number and types are known only at run time:
///
///   fields   count (uint32), then for each: key, letter, value
///   key      size (uint32), bytes
///   letter   FieldValue::Kind
///   list     count (uint32), then for each element: letter, value
///   map      as fields

/// Maximum nesting depth of lists and maps. A value that is nested deeper does not fit.
inline constexpr int kMaxValueDepth = 64;

/// Puts a list or a map, without its letter, at nesting depth `depth`.
FlatTarget put_nested_value(FlatTarget to, const FieldValue& value, int depth);
/// Nested values go only to contiguous bytes.
template <class Target>
Target put_nested_value(Target to, const FieldValue&, int) {
  return to.refused();
}
/// Returns the bytes that put_nested_value() takes; kNoBytesSuffice when it is nested too deep.
std::size_t nested_value_bytes(const FieldValue& value, int depth);
inline constexpr std::size_t kNoBytesSuffice = std::size_t{1} << 48;

/// Puts a value that is neither a number nor a string, without its letter.
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
    if (to.fits_contiguously(1 + sizeof(std::uint32_t) + text.size)) {
      to = to.put_unchecked(letter).put_unchecked(static_cast<std::uint32_t>(text.size));
      return to.put_unchecked(text.at, text.size);
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
  // Nearly all fields are numbers.
  if (value.is_number() && to.fits_contiguously(size)) {
    to = to.put_unchecked(static_cast<std::uint32_t>(key.size)).put_unchecked(key.at, key.size);
    return to.put_unchecked(static_cast<char>(value.kind())).put_unchecked(value.number_bits());
  }
  return put_field_value(to.put_text(key), value);
}

/// A FieldValue, Field or FieldList as an argument that is encoded so. A separate type, because the
/// three are not allowed in a call's text or inside of its containers.
template <class T>
struct RuntimeTypedRef {
  using IsRuntimeTyped = void;

  const T& value;
};
template <class T>
RuntimeTypedRef<T> runtime_typed(const T& value) {
  return {value};
}

/// The implementation of put_value() for these.
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

/// Return the bytes that put_field_value() and put_field() take.
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
