#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "metlog/formatter.h"
#include "metlog/internal/codec/envelope_reader.h"
#include "metlog/internal/codec/layout_encoder.h"
#include "tools/router/decode/decoded_message.h"

namespace metlog {

/// Renders messages by a layout of clients (docs/formats.md). It knows of a message what the
/// envelope has: not the call's place and thread, nor the program's name. Used by one thread.
class LayoutText {
 public:
  /// make_layout() takes the format and its options.
  LayoutText(MessageFormat format, const FormatOptions& options);
  explicit LayoutText(std::shared_ptr<const Layout> layout);

  /// None for a message with a number that 64 bits and a double do not hold.
  std::optional<std::string> text_of(const DecodedMessage& message);

 private:
  /// Encoders render once what the messages of a process have in common.
  LayoutEncoder& encoder_of(const DecodedMessage& message);

  ClientText client_;
  EnvelopeReader reader_;
  // By pid and host. The last one is remembered: messages of a process mostly come together.
  std::map<std::pair<std::int64_t, std::string>, std::unique_ptr<LayoutEncoder>> encoders_;
  std::pair<std::int64_t, std::string> last_;
  LayoutEncoder* last_encoder_ = nullptr;
};

}  // namespace metlog
