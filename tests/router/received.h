#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "tools/router/decode/decoder.h"
#include "tools/router/decode/message_block.h"
#include "tools/router/output/output.h"

namespace metlog {

/// Messages in a block, matched for one output, as a router has them.
class Received {
 public:
  /// Decodes the text and appends it when the output takes it; false when it is no message.
  bool add(std::string_view text, Output& output) {
    const MessageBytes put = block_->put({text, text.size()});
    DecodedMessage& message = block_->next();
    if (decoder_.decode(put, message, block_->memory())) return false;
    const std::uint64_t outputs = output.match(message);
    if (outputs != 0) {
      block_->commit(outputs);
    } else {
      block_->drop();
    }
    return true;
  }
  /// Returns what was appended since the last call.
  BlockSlice slice() {
    return {block_, std::exchange(handed_over_, block_->count()), block_->count()};
  }
  /// Goes on in another block.
  void begin_block() {
    block_ = pool_->take(0);
    handed_over_ = 0;
  }
  [[nodiscard]] std::size_t block_bytes() const { return block_->bytes(); }

 private:
  Decoder decoder_{DecoderLimits()};
  const std::shared_ptr<BlockPool> pool_ = BlockPool::make();
  std::shared_ptr<MessageBlock> block_ = pool_->take(0);
  std::uint32_t handed_over_ = 0;
};

}  // namespace metlog
