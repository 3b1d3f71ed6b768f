#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tools/router/decode/decoder.h"

namespace metlog {

/// A decoder and the message that it decoded last. The padding after each text has bytes that would
/// change the outcome if they were read as text.
class Decoding {
 public:
  explicit Decoding(const DecoderLimits& limits = {}) : decoder_(limits) {}

  std::optional<RejectReason> decode(std::string_view text) {
    // A new block of its own length, so that the address sanitizer sees a read beyond the padding.
    buffer_ = std::make_unique<char[]>(text.size() + kFramePadding);
    text.copy(buffer_.get(), text.size());
    std::fill_n(buffer_.get() + text.size(), kFramePadding, '}');
    return decoder_.decode({{buffer_.get(), text.size()}, text.size()}, message_);
  }

  /// Decodes and returns the name of the reason, or "accepted".
  std::string outcome(std::string_view text) {
    const std::optional<RejectReason> reason = decode(text);
    return reason ? std::string(name_of(*reason)) : "accepted";
  }

  [[nodiscard]] const DecodedMessage& message() const { return message_; }
  Decoder& decoder() { return decoder_; }

 private:
  Decoder decoder_;
  std::unique_ptr<char[]> buffer_;
  DecodedMessage message_;
};

}  // namespace metlog
