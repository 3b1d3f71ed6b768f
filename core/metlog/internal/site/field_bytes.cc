#include "metlog/internal/site/field_bytes.h"

#include <algorithm>

#include "metlog/value.h"

namespace metlog {
namespace {

// Calls `take` with the elements of a list or the entries of a map until it returns false.
template <class Take>
void each_element(const FieldValue& value, const Take& take) {
  if (value.kind() == FieldValue::Kind::kList) {
    const Value* const end = value.items() + value.item_count();
    for (const Value* item = value.items(); item != end && take(nullptr, *item); ++item) continue;
  } else {
    for (const auto& [key, item] : value.map()) {
      if (!take(&key, item)) return;
    }
  }
}

std::size_t count_of(const FieldValue& value) {
  return value.kind() == FieldValue::Kind::kList ? value.item_count() : value.map().size();
}

}  // namespace

FlatTarget put_nested_value(FlatTarget to, const FieldValue& value, int depth) {
  if (depth > kMaxValueDepth) return to.refused();
  to = to.put_scalar(clamp_size(count_of(value)));
  each_element(value, [&](const std::string* key, const Value& item) {
    if (key != nullptr) to = to.put_text(reduce_text(*key));
    to = put_field_value(to, item, depth);
    return to.fits();
  });
  return to;
}

std::size_t nested_value_bytes(const FieldValue& value, int depth) {
  if (depth > kMaxValueDepth) return kNoBytesSuffice;
  std::size_t bytes = sizeof(std::uint32_t);
  each_element(value, [&](const std::string* key, const Value& item) {
    if (key != nullptr) bytes += sizeof(std::uint32_t) + key->size();
    bytes += field_value_bytes(item, depth);
    return bytes < kNoBytesSuffice;
  });
  return std::min(bytes, kNoBytesSuffice);
}

}  // namespace metlog
