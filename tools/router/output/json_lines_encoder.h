#pragma once

#include "tools/router/output/message_encoder.h"

namespace metlog {

/// The message as it came, on one line.
class JsonLinesEncoder : public MessageEncoder {
 public:
  void encode(const DecodedMessage& message, Batch& batch) override;
};

}  // namespace metlog
