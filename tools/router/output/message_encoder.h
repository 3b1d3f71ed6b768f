#pragma once

#include <memory>

#include "metlog/sender.h"
#include "tools/router/decode/decoded_message.h"

namespace metlog {

/// The format in which an output writes messages. Used by one thread.
class MessageEncoder {
 public:
  virtual ~MessageEncoder() = default;

  /// Adds one message to the batch. False when the format has no form of it; it is not added.
  virtual bool encode(const DecodedMessage& message, Batch& batch) = 0;
  /// True when each message in the batch is a JSON object.
  [[nodiscard]] virtual bool is_json() const { return false; }
};

/// A sender that needs to see the messages, such as one that chooses a file by a field. The output
/// encodes by what routed() returns.
class RoutesMessages {
 public:
  virtual ~RoutesMessages() = default;
  virtual std::unique_ptr<MessageEncoder> routed(std::unique_ptr<MessageEncoder> encoder) = 0;
};

/// Writes the message unchanged but for line breaks, which become spaces.
class JsonLinesEncoder : public MessageEncoder {
 public:
  bool encode(const DecodedMessage& message, Batch& batch) override;
  [[nodiscard]] bool is_json() const override { return true; }
};

/// Writes a counter or timer as a statsd metric: <fields.logger>.<fields.name>:<payload>|<c or ms>,
/// and |@<fields.rate> for a rate between 0 and 1. Value and rate have all their digits, with a
/// decimal point and never an exponent, at which statsd's parser would end the rate: 1e-05 is
/// 0.00001. A payload that does not begin with a number counts as 0.0. NaN, the infinities and
/// numbers beyond a double have no form: statsd would add up nonsense. In names `::` becomes a dot;
/// `:`, `|`, `@` and control characters become `_`. A message of another type is written as a
/// counter, so a Matcher must exclude them.
class StatsdEncoder : public MessageEncoder {
 public:
  bool encode(const DecodedMessage& message, Batch& batch) override;
};

}  // namespace metlog
