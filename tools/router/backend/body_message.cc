#include "tools/router/backend/body_message.h"

#include <algorithm>

namespace metlog {
namespace {

constexpr std::size_t kFirstLongest = 64 * 1024;
constexpr std::size_t kDepth = 1024;  // the most that a router can be told to take

}  // namespace

const DecodedMessage* BodyMessage::decode(std::string_view json) {
  if (json.size() > longest_) {
    longest_ = std::max(2 * json.size(), kFirstLongest);
    decoder_ = std::make_unique<Decoder>(
        DecoderLimits{.message_bytes = longest_, .depth = kDepth, .any_timestamp = true});
  }
  bytes_.assign(json).append(kFramePadding, '\0');
  const MessageBytes message{std::string_view(bytes_).substr(0, json.size()), json.size()};
  return decoder_ == nullptr || decoder_->decode(message, message_) ? nullptr : &message_;
}

}  // namespace metlog
