#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/message/composite.h"
#include "metlog/message/field.h"

namespace metlog {

/// Fields whose number and types are known at run time only, as a record holds them: their count
/// (uint32), and of each the key (uint32 and bytes), its value's letter, and the value. Of a list
/// that is the count of its elements (uint32), and of each its letter and value; of a map the same
/// as of fields.

/// How deep lists and maps may lie in each other. A value that lies deeper does not fit.
inline constexpr int kMaxValueDepth = 64;

/// A list or a map behind its letter, itself `depth` deep.
void write_nested_value(CompositeWriter& to, const FieldValue& value, int depth);
/// Bytes that this takes; kNoBytesSuffice when it lies too deep.
std::size_t nested_value_bytes(const FieldValue& value, int depth);
inline constexpr std::size_t kNoBytesSuffice = std::size_t{1} << 48;

inline void write_field_value(CompositeWriter& to, const FieldValue& value, int depth = 0) {
  to.write(static_cast<char>(value.kind()));
  switch (value.kind()) {
    case FieldValue::Kind::kNull:
      return;
    case FieldValue::Kind::kBool:
      return to.write(value.bits() != 0);
    case FieldValue::Kind::kInt:
    case FieldValue::Kind::kUint:
      return to.write(value.bits());
    case FieldValue::Kind::kReal:
      return to.write(value.real());
    case FieldValue::Kind::kText:
      return to.write(value.text());
    case FieldValue::Kind::kList:
    case FieldValue::Kind::kMap:
      return write_nested_value(to, value, depth + 1);
  }
}

inline void write_field(CompositeWriter& to, const Field& field) {
  to.write(field.key);
  write_field_value(to, field.value);
}

/// Bytes that write_field_value() and write_field() take.
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
