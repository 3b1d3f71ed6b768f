#include "tools/router/encode/layout_line_encoder.h"

#include <cstddef>
#include <optional>

#include "metlog/internal/codec/layouts.h"
#include "tools/router/decode/timestamp_check.h"
#include "tools/router/encode/line_parts.h"

namespace metlog {
namespace {

constexpr std::size_t kMaxEncoders = 256;  // of processes; beyond that all are made again

}  // namespace

bool LayoutLineEncoder::is_json() const {
  return format_ == MessageFormat::kEcs || format_ == MessageFormat::kGelf ||
         format_ == MessageFormat::kOtel;
}

LayoutEncoder& LayoutLineEncoder::encoder_of(const DecodedMessage& message) {
  if (last_encoder_ != nullptr && last_.first == message.pid && last_.second == message.hostname) {
    return *last_encoder_;
  }
  last_ = {message.pid, std::string(message.hostname)};
  if (encoders_.size() >= kMaxEncoders && encoders_.count(last_) == 0) encoders_.clear();
  std::unique_ptr<LayoutEncoder>& encoder = encoders_[last_];
  if (encoder == nullptr) {
    encoder = std::make_unique<LayoutEncoder>(ProcessText{message.pid, last_.second});
    ClientText client;
    complete_text(client, format_, options_);
    encoder->set_client(0, std::move(client));
  }
  last_encoder_ = encoder.get();
  return *encoder;
}

bool LayoutLineEncoder::encode(const DecodedMessage& message, Batch& batch) {
  const std::optional<Message> read =
      reader_.read(message.raw, utc_ns_of_timestamp(message.timestamp), {});
  if (!read.has_value()) return false;
  return commit_line(encoder_of(message).encode(*read, 0), batch);
}

}  // namespace metlog
