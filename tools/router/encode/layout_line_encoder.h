#pragma once

#include "metlog/formatter.h"
#include "tools/router/encode/layout_text.h"
#include "tools/router/output/message_encoder.h"

namespace metlog {

/// Writes messages in a format of clients: a pattern, logfmt, ecs, gelf or otel, as LayoutText has
/// it. A message with a number that 64 bits and a double do not hold has no form.
class LayoutLineEncoder final : public MessageEncoder {
 public:
  /// make_layout() takes the format and its options.
  LayoutLineEncoder(MessageFormat format, const FormatOptions& options)
      : format_(format), lines_(format, options) {}

  bool encode(const DecodedMessage& message, Batch& batch) override;
  [[nodiscard]] bool is_json() const override;

 private:
  const MessageFormat format_;
  LayoutText lines_;
};

}  // namespace metlog
