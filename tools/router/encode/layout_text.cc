#include "tools/router/encode/layout_text.h"

#include <cstddef>

#include "metlog/internal/codec/layouts.h"
#include "tools/router/decode/timestamp_check.h"

namespace metlog {
namespace {

constexpr std::size_t kMaxEncoders = 256;  // of processes; beyond that all are made again

}  // namespace

LayoutText::LayoutText(MessageFormat format, const FormatOptions& options) {
  complete_text(client_, format, options);
}

LayoutText::LayoutText(std::shared_ptr<const Layout> layout) { client_.layout = std::move(layout); }

LayoutEncoder& LayoutText::encoder_of(const DecodedMessage& message) {
  if (last_encoder_ != nullptr && last_.first == message.pid && last_.second == message.hostname) {
    return *last_encoder_;
  }
  last_ = {message.pid, std::string(message.hostname)};
  if (encoders_.size() >= kMaxEncoders && encoders_.count(last_) == 0) encoders_.clear();
  std::unique_ptr<LayoutEncoder>& encoder = encoders_[last_];
  if (encoder == nullptr) {
    encoder = std::make_unique<LayoutEncoder>(ProcessText{message.pid, last_.second});
    encoder->set_client(0, client_);
  }
  last_encoder_ = encoder.get();
  return *encoder;
}

std::optional<std::string> LayoutText::text_of(const DecodedMessage& message) {
  const std::optional<Message> read =
      reader_.read(message.raw, utc_ns_of_timestamp(message.timestamp), {});
  if (!read.has_value()) return std::nullopt;
  return encoder_of(message).encode(*read, 0);
}

}  // namespace metlog
