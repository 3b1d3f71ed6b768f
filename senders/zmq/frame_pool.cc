#include "senders/zmq/frame_pool.h"

#include <atomic>
#include <new>
#include <utility>

namespace metlog {
namespace {

constexpr std::chrono::seconds kKeptUnused{1};

}  // namespace

struct FramePool::Block {
  std::shared_ptr<FramePool> pool;    // while taken; an idle block would keep the pool alive
  Block* next = nullptr;              // of the idle ones
  std::shared_ptr<FrameMarks> marks;  // while taken for a marked frame
  std::atomic<bool> is_taken{false};
};

std::shared_ptr<FramePool> FramePool::make(std::size_t block_bytes) {
  return std::shared_ptr<FramePool>(new FramePool(block_bytes));
}

FramePool::~FramePool() { free_idle(); }

void FramePool::free_idle() {
  while (Block* const block = idle_) {
    idle_ = block->next;
    block->~Block();
    ::operator delete(block);
  }
  count_ -= std::exchange(idle_count_, 0);
}

FramePool::Block* FramePool::take_idle() {
  const std::lock_guard lock(mutex_);
  Block* const block = idle_;
  if (block == nullptr) return nullptr;
  idle_ = block->next;
  --idle_count_;
  return block;
}

FramePool::Block* FramePool::take(std::chrono::steady_clock::time_point now,
                                  const std::shared_ptr<FrameMarks>& marks) {
  taken_at_ = now;
  Block* block = take_idle();
  if (block == nullptr) {
    void* const memory = ::operator new(sizeof(Block) + block_bytes_, std::nothrow);
    if (memory == nullptr) return nullptr;
    block = new (memory) Block;
    ++count_;
  }
  block->pool = shared_from_this();
  block->marks = marks;
  if (marks != nullptr) marks->add();
  // release: pairs with give_back(), which libzmq's queues order after this anyway; repeated for
  // tools that do not see into them
  block->is_taken.store(true, std::memory_order_release);
  return block;
}

unsigned char* FramePool::bytes(Block* block) {
  return reinterpret_cast<unsigned char*>(block + 1);
}

void FramePool::give_back(Block* block) noexcept {
  // acquire, both: pair with take(). The load is for ThreadSanitizer, which looks at the exchange
  // before it knows what that acquires.
  if (!block->is_taken.load(std::memory_order_acquire) ||
      !block->is_taken.exchange(false, std::memory_order_acquire)) {
    return;
  }
  // The last block may own the pool, which must live until the block is back in it.
  const std::shared_ptr<FramePool> pool = std::move(block->pool);
  if (const auto marks = std::move(block->marks)) marks->remove();
  const std::lock_guard lock(pool->mutex_);
  block->next = pool->idle_;
  pool->idle_ = block;
  ++pool->idle_count_;
}

std::chrono::nanoseconds FramePool::release_unused(std::chrono::steady_clock::time_point now) {
  if (count_ == 0) return std::chrono::nanoseconds::max();
  const auto over_at = taken_at_ + kKeptUnused;
  if (now < over_at) return over_at - now;
  const std::lock_guard lock(mutex_);
  free_idle();
  return count_ == 0 ? std::chrono::nanoseconds::max() : kKeptUnused;
}

std::size_t FramePool::idle_count() const {
  const std::lock_guard lock(mutex_);
  return idle_count_;
}

}  // namespace metlog
