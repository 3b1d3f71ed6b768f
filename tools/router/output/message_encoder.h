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

/// The message as it came, on one line.
class JsonLinesEncoder : public MessageEncoder {
 public:
  void encode(const DecodedMessage& message, Batch& batch) override;
};

/// A counter or timer as a statsd metric: <fields.logger>.<fields.name>:<payload>|<c or ms>, and
/// |@<fields.rate> for a rate between 0 and 1. The value always has a decimal point; a payload
/// that begins with no number counts as 0.0. In names `::` becomes a dot; `:`, `|`, `@` and
/// control characters become `_`. Messages of other types are written as counters: match first.
class StatsdEncoder : public MessageEncoder {
 public:
  void encode(const DecodedMessage& message, Batch& batch) override;
};

}  // namespace metlog
