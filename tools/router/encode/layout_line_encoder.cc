#include "tools/router/encode/layout_line_encoder.h"

#include <optional>
#include <string>

#include "tools/router/encode/line_parts.h"

namespace metlog {

bool LayoutLineEncoder::is_json() const {
  return format_ == MessageFormat::kEcs || format_ == MessageFormat::kGelf ||
         format_ == MessageFormat::kOtel;
}

bool LayoutLineEncoder::encode(const DecodedMessage& message, Batch& batch) {
  const std::optional<std::string> line = lines_.text_of(message);
  return line.has_value() && commit_line(*line, batch);
}

}  // namespace metlog
