#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "tools/router/decode/decoded_message.h"
#include "tools/router/input/frame.h"

namespace metlog {

struct DecoderLimits {
  std::size_t message_bytes = 256 * 1024;
  std::size_t depth = 64;  // nested objects and arrays, the message itself counted
};

/// Reads JSON envelopes. The whole text is validated before anything of it is believed: by one pass
/// that knows what senders usually write (scan_envelope()), and all else by a general parser, which
/// alone says what is wrong with a text. Allocates
/// when it is made, for the longest message, and not again. Used by one thread.
class Decoder {
 public:
  explicit Decoder(const DecoderLimits& limits);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Decodes into `message`, or says why not; `message` is then worth nothing. The bytes must stay
  /// as they are for as long as the message is used. Blanks around the JSON text are ignored, so a
  /// datagram may end in a newline. Keys beside the nine are let through.
  std::optional<RejectReason> decode(const MessageBytes& bytes, DecodedMessage& message);

  /// See DecodedMessage.
  [[nodiscard]] JsonValue payload() const;
  [[nodiscard]] JsonValue field(std::string_view key) const;

 private:
  struct Parsed;  // simdjson's, kept out of this header

  [[nodiscard]] std::optional<RejectReason> parse(std::string_view text);

  const DecoderLimits limits_;
  const std::unique_ptr<Parsed> parsed_;
};

}  // namespace metlog
