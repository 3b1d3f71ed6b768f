#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "metlog/formatter.h"
#include "metlog/internal/codec/envelope_reader.h"
#include "metlog/internal/codec/layout_encoder.h"
#include "tools/router/output/message_encoder.h"

namespace metlog {

/// Writes messages in a format of clients: a pattern, logfmt, ecs, gelf or otel (docs/formats.md).
/// It knows of a message what the envelope has: not the call's place and thread, nor the program's
/// name. A message with a number that 64 bits and a double do not hold has no form.
class LayoutLineEncoder final : public MessageEncoder {
 public:
  /// make_layout() takes the format and its options.
  LayoutLineEncoder(MessageFormat format, FormatOptions options)
      : format_(format), options_(std::move(options)) {}

  bool encode(const DecodedMessage& message, Batch& batch) override;
  [[nodiscard]] bool is_json() const override;

 private:
  /// Encoders render once what the messages of a process have in common.
  LayoutEncoder& encoder_of(const DecodedMessage& message);

  const MessageFormat format_;
  const FormatOptions options_;
  EnvelopeReader reader_;
  // By pid and host. The last one is remembered: messages of a process mostly come together.
  std::map<std::pair<std::int64_t, std::string>, std::unique_ptr<LayoutEncoder>> encoders_;
  std::pair<std::int64_t, std::string> last_;
  LayoutEncoder* last_encoder_ = nullptr;
};

}  // namespace metlog
