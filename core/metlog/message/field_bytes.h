#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/message/composite.h"
#include "metlog/message/field.h"

namespace metlog {

/// Fields whose number and types are known at run time only, as a record holds them: their count
/// (uint32), and of each the key (uint32 and bytes), its value's letter, and the value.

inline void write_field_value(CompositeWriter& to, const FieldValue& value) {
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
  }
}

inline void write_field(CompositeWriter& to, const Field& field) {
  to.write(field.key);
  write_field_value(to, field.value);
}

/// Bytes that write_field() takes.
inline std::size_t field_bytes(const Field& field) {
  const std::size_t before = sizeof(std::uint32_t) + field.key.size() + 1;
  switch (field.value.kind()) {
    case FieldValue::Kind::kNull:
      return before;
    case FieldValue::Kind::kBool:
      return before + 1;
    case FieldValue::Kind::kText:
      return before + sizeof(std::uint32_t) + field.value.text().size();
    default:
      return before + sizeof(std::uint64_t);
  }
}

}  // namespace metlog
