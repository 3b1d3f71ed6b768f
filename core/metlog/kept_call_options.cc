#include "metlog/kept_call_options.h"

namespace metlog {

KeptCallOptions::KeptCallOptions(const CallOptions& options) : options_(options) {
  if (options.logger.data() != nullptr) options_.logger = keep(options.logger);
  for (const Field& field : options.fields) {
    fields_.push_back({keep(field.key), field.value});
    if (field.value.kind() == FieldValue::Kind::kText) {
      fields_.back().value = FieldValue(keep(field.value.text()));
    }
  }
  options_.fields = FieldList(fields_.data(), fields_.size());
}

std::string_view KeptCallOptions::keep(std::string_view text) { return texts_.emplace_back(text); }

}  // namespace metlog
