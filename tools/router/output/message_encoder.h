#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

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
/// `:`, `|`, `@`, `#`, `,` where there are tags, and control characters become `_`. A message of
/// another type is written as a counter, so a Matcher must exclude them.
class StatsdEncoder : public MessageEncoder {
 public:
  /// What precedes the name.
  enum class Space {
    kFieldsLogger,          // fields.logger and a dot, when it is there: the reference's form
    kLogger,                // the same of the message's logger
    kFieldsLoggerOrLogger,  // the first of them that is there
    kNone,
  };
  struct Options {
    std::string prefix = {};  // before all that, without a dot of its own
    Space space = Space::kFieldsLogger;
    /// A DogStatsD tag for each of these fields that a message has, `|#user:joe,...`: a field's
    /// name, or Hostname, Logger, Type, Severity, Pid. Each value of one is a series of its own.
    std::vector<std::string> tags = {};
    bool has_whole_numbers = false;  // 1 instead of the reference's 1.0
    std::string timer_type = "ms";   // or h (histogram), d (distribution)
  };

  StatsdEncoder() : StatsdEncoder(Options()) {}
  explicit StatsdEncoder(Options options) : options_(std::move(options)) {}

  bool encode(const DecodedMessage& message, Batch& batch) override;

 private:
  void append_space(const DecodedMessage& message);
  void append_number(double value);
  void append_tags(const DecodedMessage& message);

  const Options options_ = {};
  std::string line_;
};

}  // namespace metlog
