#include "metlog/internal/client/owned_values.h"

namespace metlog {

std::string_view OwnedValues::copy(std::string_view text) {
  return *values_.emplace_back(text).as_text();
}

FieldValue OwnedValues::copy(const FieldValue& value) {
  switch (value.kind()) {
    case FieldValue::Kind::kText:
      return copy(value.text());
    case FieldValue::Kind::kList:
      return values_.emplace_back(ValueList(value.items(), value.items() + value.item_count()));
    case FieldValue::Kind::kMap:
      return values_.emplace_back(value.map());
    default:
      return value;
  }
}

OwnedCallOptions::OwnedCallOptions(const CallOptions& options) : options_(options) {
  if (options.logger.data() != nullptr) options_.logger = values_.copy(options.logger);
  for (const Field& field : options.fields) {
    fields_.push_back({values_.copy(field.key), values_.copy(field.value)});
  }
  options_.fields = FieldList(fields_.data(), fields_.size());
}

}  // namespace metlog
