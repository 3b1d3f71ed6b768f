#pragma once

#include "tools/router/output/message_encoder.h"

namespace metlog {

/// A counter or timer as a statsd metric: <fields.logger>.<fields.name>:<payload>|<c or ms>, and
/// |@<fields.rate> for a rate between 0 and 1. The value always has a decimal point; a payload
/// that begins with no number counts as 0.0. In names `::` becomes a dot; `:`, `|`, `@` and
/// control characters become `_`. Messages of other types are written as counters: match first.
class StatsdEncoder : public MessageEncoder {
 public:
  void encode(const DecodedMessage& message, Batch& batch) override;
};

}  // namespace metlog
