#pragma once

#include "metlog/batch.h"
#include "tools/router/decode/decoded_message.h"

namespace metlog {

/// How an output writes a message. Used by one thread.
class MessageEncoder {
 public:
  virtual ~MessageEncoder() = default;

  /// Adds exactly one message to the batch.
  virtual void encode(const DecodedMessage& message, Batch& batch) = 0;
};

}  // namespace metlog
