#include "senders/frame_pool.h"

#include <new>
#include <utility>

#include "concurrentqueue.h"

namespace metlog {
namespace {

constexpr std::chrono::seconds kKeptUnused{1};

}  // namespace

struct FramePool::Block {
  std::shared_ptr<FramePool> pool;  // while it is out; in the pool it would keep that alive
};

struct FramePool::Free {
  moodycamel::ConcurrentQueue<Block*> blocks;
};

std::shared_ptr<FramePool> FramePool::make(std::size_t block_bytes) {
  std::shared_ptr<FramePool> pool(new FramePool(block_bytes));
  pool->self_ = pool;
  return pool;
}

FramePool::FramePool(std::size_t block_bytes)
    : block_bytes_(block_bytes), free_(std::make_unique<Free>()) {}

FramePool::~FramePool() {
  Block* block = nullptr;
  while (free_->blocks.try_dequeue(block)) ::operator delete(block);
}

FramePool::Block* FramePool::take(std::chrono::steady_clock::time_point now) {
  taken_at_ = now;
  Block* block = nullptr;
  if (!free_->blocks.try_dequeue(block)) {
    void* const memory = ::operator new(sizeof(Block) + block_bytes_, std::nothrow);
    if (memory == nullptr) return nullptr;
    block = new (memory) Block;
  }
  block->pool = self_.lock();
  return block;
}

unsigned char* FramePool::bytes(Block* block) {
  return reinterpret_cast<unsigned char*>(block + 1);
}

void FramePool::give_back(Block* block) {
  // The last one takes the pool along, and so must hold it until it is in it.
  const std::shared_ptr<FramePool> pool = std::move(block->pool);
  if (!pool->free_->blocks.enqueue(block)) ::operator delete(block);
}

std::chrono::nanoseconds FramePool::release_unused(std::chrono::steady_clock::time_point now) {
  if (idle_count() == 0) return std::chrono::nanoseconds::max();
  const auto over_at = taken_at_ + kKeptUnused;
  if (now < over_at) return over_at - now;
  Block* block = nullptr;
  while (free_->blocks.try_dequeue(block)) ::operator delete(block);
  return std::chrono::nanoseconds::max();
}

std::size_t FramePool::idle_count() const { return free_->blocks.size_approx(); }

}  // namespace metlog
