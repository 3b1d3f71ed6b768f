#include "tools/router/output/output_queue.h"

#include <utility>

namespace metlog {

bool OutputQueue::has_room_for(const BlockSlice& slice) const {
  const std::lock_guard lock(mutex_);
  return has_room(slice);
}

bool OutputQueue::has_room(const BlockSlice& slice) const {
  if (waiting_.empty() || last_block_ == slice.block.get()) return !is_over_limit();
  // relaxed: under the mutex
  return bytes_.load(std::memory_order_relaxed) + slice.block->bytes() <= limit_bytes_;
}

void OutputQueue::make_room_for(const BlockSlice& slice) {
  const std::lock_guard lock(mutex_);
  while (!has_room(slice) && !waiting_.empty()) dropped_ += take_first().count;
}

void OutputQueue::push(const BlockSlice& slice, std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  const MessageBlock* const block = slice.block.get();
  const std::size_t bytes = std::exchange(last_block_, block) == block ? 0 : block->bytes();
  waiting_.push_back({slice, count, bytes});
  waiting_count_ += count;
  bytes_.fetch_add(bytes, std::memory_order_relaxed);  // relaxed: see is_over_limit()
}

bool OutputQueue::pop(BlockSlice& slice) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return false;
  Waiting next = take_first();
  slice = std::move(next.slice);
  in_work_ += next.count;
  return true;
}

OutputQueue::Waiting OutputQueue::take_first() {
  Waiting first = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_count_ -= first.count;
  bytes_.fetch_sub(first.bytes, std::memory_order_relaxed);  // relaxed: see is_over_limit()
  if (waiting_.empty()) last_block_ = nullptr;
  return first;
}

void OutputQueue::batched(std::uint64_t number, std::uint64_t count, std::uint64_t done) {
  const std::lock_guard lock(mutex_);
  std::erase_if(batched_, [done](const Batched& batch) { return batch.number <= done; });
  batched_.push_back({number, count});
  in_work_ -= count;
}

void OutputQueue::without_form() {
  const std::lock_guard lock(mutex_);
  ++without_form_;
  --in_work_;
}

void OutputQueue::expire() {
  const std::lock_guard lock(mutex_);
  expired_ += waiting_count_ + in_work_;
  waiting_count_ = 0;
  in_work_ = 0;
  waiting_.clear();
  last_block_ = nullptr;
  bytes_.store(0, std::memory_order_relaxed);  // relaxed: see is_over_limit()
}

OutputQueue::Counts OutputQueue::counts(std::uint64_t done) const {
  const std::lock_guard lock(mutex_);
  Counts counts;
  counts.without_form = without_form_;
  counts.expired = expired_;
  counts.dropped = dropped_;
  counts.pending = waiting_count_ + in_work_;
  for (const Batched& batch : batched_) {
    if (batch.number > done) counts.pending += batch.count;
  }
  return counts;
}

}  // namespace metlog
