#include "tools/router/decode/message_block.h"

#include <cstring>
#include <utility>

namespace metlog {
namespace {

constexpr std::size_t kMemoryBytes = 32 * 1024;  // of 1024 messages with seven runs each

}  // namespace

MessageBlock::MessageBlock(std::size_t text_bytes)
    : text_bytes_(text_bytes),
      text_(new char[text_bytes + kFramePadding]),
      entries_(new Entry[kMaxMessages]),
      memory_(kMemoryBytes) {}

MessageBytes MessageBlock::put(const MessageBytes& bytes) {
  char* const at = text_.get() + text_used_;
  put_bytes_ = bytes.text.copy(at, bytes.text.size());
  std::memset(at + put_bytes_, 0, kFramePadding);
  before_put_ = memory_.mark();
  return {{at, put_bytes_}, bytes.sent_bytes};
}

void MessageBlock::commit(std::uint64_t outputs) {
  entries_[count_].outputs = outputs;
  text_used_ += put_bytes_;
  ++count_;
}

void MessageBlock::clear() {
  memory_.clear();
  text_used_ = 0;
  count_ = 0;
}

std::shared_ptr<MessageBlock> BlockPool::take(std::size_t text_bytes) {
  std::unique_ptr<MessageBlock> block;
  if (text_bytes <= MessageBlock::kTextBytes) {
    text_bytes = MessageBlock::kTextBytes;
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      block = std::move(free_.back());
      free_.pop_back();
    }
  }
  if (block == nullptr) block = std::make_unique<MessageBlock>(text_bytes);
  // A block may outlive the router.
  return {block.release(), [pool = shared_from_this()](MessageBlock* used) {
            pool->give_back(std::unique_ptr<MessageBlock>(used));
          }};
}

void BlockPool::trim() {
  const std::lock_guard lock(mutex_);
  if (free_.size() > 1) free_.resize(1);
}

void BlockPool::give_back(std::unique_ptr<MessageBlock> block) {
  block->clear();
  if (!block->has_usual_size()) return;
  const std::lock_guard lock(mutex_);
  if (free_.size() < kMaxFree) free_.push_back(std::move(block));
}

}  // namespace metlog
