#pragma once

#include <string>

#include "tools/router/output/message_encoder.h"

namespace metlog {

/// Writes one part of a message as a line: its payload, or what a client has formatted itself. A
/// text is written as it is but for unprintable characters, which are escaped as in JSON, so that
/// each message is one line; line breaks at its end are removed. Any other value is compact JSON;
/// null and what is absent are an empty line.
class FieldTextEncoder final : public MessageEncoder {
 public:
  struct Options {
    /// `payload`, a key of the envelope such as `type`, or `fields/KEY`, where KEY may be a path
    /// into objects: `fields/request/text`.
    std::string field = "payload";
    /// The message's time stamp and a blank before it.
    bool has_timestamp = false;
  };

  explicit FieldTextEncoder(Options options) : options_(std::move(options)) {}

  bool encode(const DecodedMessage& message, Batch& batch) override;

 private:
  void append_field(const DecodedMessage& message);

  const Options options_;
  std::string line_;
};

/// True for a part of a message that FieldTextEncoder can write.
[[nodiscard]] bool is_part_of_message(const std::string& field);

}  // namespace metlog
