#include "metlog/internal/client/kept_call_options.h"

namespace metlog {

KeptCallOptions::KeptCallOptions(const CallOptions& options) : options_(options) {
  if (options.logger.data() != nullptr) options_.logger = values_.keep(options.logger);
  for (const Field& field : options.fields) {
    fields_.push_back({values_.keep(field.key), values_.keep(field.value)});
  }
  options_.fields = FieldList(fields_.data(), fields_.size());
}

}  // namespace metlog
