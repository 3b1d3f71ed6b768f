#include "senders/zmq/zmq_frames.h"

#include <zmq.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "senders/sender/frame_slice.h"

namespace metlog {

namespace {

constexpr std::size_t kSlabBytes = 64 * 1024;
/// A longer message gets memory of its own: it would leave much of a block unused.
constexpr std::size_t kLongMessage = kSlabBytes / 8;

/// What stands before the bytes of a marked frame.
struct MarkedFrame {
  std::shared_ptr<FrameMarks> marks;
  std::atomic<bool> is_made{false};
};

/// False with errno set.
bool init_marked(zmq_msg_t* frame, std::size_t bytes, const std::shared_ptr<FrameMarks>& marks) {
  void* const memory = ::operator new(sizeof(MarkedFrame) + bytes, std::nothrow);
  if (memory == nullptr) {
    errno = ENOMEM;  // zmq_errno() returns it
    return false;
  }
  auto* const held = new (memory) MarkedFrame{marks};
  marks->add();
  // release: pairs with the acquire below, which libzmq's queues order after this anyway; repeated
  // for tools that do not see into them
  held->is_made.store(true, std::memory_order_release);
  const auto free = [](void*, void* hint) {
    auto* const freed = static_cast<MarkedFrame*>(hint);
    if (!freed->is_made.load(std::memory_order_acquire)) return;  // pairs with the store above
    freed->marks->remove();
    freed->~MarkedFrame();
    ::operator delete(hint);
  };
  if (::zmq_msg_init_data(frame, held + 1, bytes, free, held) == 0) return true;
  free(nullptr, held);
  return false;
}

}  // namespace

/// At the begin of a block.
struct PlainFrames::Slab {
  explicit Slab(FramePool::Block* in) : block(in) {}

  FramePool::Block* const block;
  std::atomic<std::uint32_t> shares{1};  // of the messages, and of the one who fills it

  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  static void leave(void*, void* hint) {
    auto* const slab = static_cast<Slab*>(hint);
    // acq_rel: what others did with the block comes before the last one gives it back. The load is
    // for ThreadSanitizer, which looks at the subtraction before it knows what that acquires.
    if (slab->shares.load(std::memory_order_acquire) == 0 ||
        slab->shares.fetch_sub(1, std::memory_order_acq_rel) != 1) {
      return;
    }
    FramePool::Block* const block = slab->block;
    slab->~Slab();
    FramePool::give_back(block);
  }
};

PlainFrames::PlainFrames(std::shared_ptr<FrameMarks> marks)
    : pool_(FramePool::make(kSlabBytes)), marks_(std::move(marks)) {}

PlainFrames::~PlainFrames() { leave_slab(); }

void PlainFrames::leave_slab() {
  if (slab_ != nullptr) Slab::leave(nullptr, std::exchange(slab_, nullptr));
}

void* PlainFrames::allocate(std::size_t bytes) {
  constexpr std::size_t kRoom = kSlabBytes - sizeof(Slab);
  if (slab_ != nullptr && kRoom - used_ < bytes) leave_slab();
  if (slab_ == nullptr) {
    FramePool::Block* const block = pool_->take(std::chrono::steady_clock::now());
    if (block == nullptr) return nullptr;
    slab_ = new (FramePool::bytes(block)) Slab(block);
    used_ = 0;
  }
  // release: pairs with leave(), which libzmq's queues order after this anyway
  slab_->shares.fetch_add(1, std::memory_order_release);
  return slab_->bytes() + used_;
}

bool PlainFrames::make(zmq_msg_t* frame, std::size_t bytes, bool is_last) {
  if (is_last) return init_marked(frame, bytes, marks_);
  if (bytes > kLongMessage) return ::zmq_msg_init_size(frame, bytes) == 0;
  void* const at = allocate(bytes);
  if (at == nullptr) {
    errno = ENOMEM;  // zmq_errno() returns it
    return false;
  }
  if (::zmq_msg_init_data(frame, at, bytes, Slab::leave, slab_) == 0) return true;
  Slab::leave(nullptr, slab_);
  return false;
}

std::size_t PlainFrames::send(void* socket, const Batch& batch, std::size_t first,
                              std::size_t end) {
  const std::string_view message = batch.message(first);
  const bool is_last = first + 1 == end;
  zmq_msg_t frame;
  if (!make(&frame, message.size(), is_last)) return 0;
  std::memcpy(::zmq_msg_data(&frame), message.data(), message.size());
  if (::zmq_msg_send(&frame, socket, ZMQ_DONTWAIT) >= 0) {
    if (!is_last && message.size() <= kLongMessage) used_ += message.size();
    marks_->took(is_last);
    return 1;
  }
  const int error = ::zmq_errno();
  ::zmq_msg_close(&frame);
  errno = error;
  return 0;
}

std::chrono::nanoseconds PlainFrames::idle(std::chrono::steady_clock::time_point now) {
  leave_slab();
  return pool_->release_unused(now);
}

struct BatchedFrames::Made {
  zmq_msg_t frame;
  std::uint32_t count = 0;     // messages in it; 0: no frame
  std::uint64_t sequence = 0;  // of the first; no two messages of a queue have the same

  void drop() {
    if (count != 0) ::zmq_msg_close(&frame);
    count = 0;
  }
};

BatchedFrames::BatchedFrames(std::size_t max_frame, std::shared_ptr<FrameMarks> marks)
    : max_frame_(max_frame),
      pool_(FramePool::make(max_frame)),
      marks_(std::move(marks)),
      made_(std::make_unique<Made>()) {}

BatchedFrames::~BatchedFrames() { made_->drop(); }

std::size_t BatchedFrames::send(void* socket, const Batch& batch, std::size_t first,
                                std::size_t end) {
  if (made_->count == 0 || made_->sequence != batch.sequence() + first) make(batch, first, end);
  if (made_->count == 0 || ::zmq_msg_send(&made_->frame, socket, ZMQ_DONTWAIT) < 0) return 0;
  // libzmq owns what it took.
  marks_->took(true);
  return std::exchange(made_->count, 0);
}

bool BatchedFrames::has_made() const { return made_->count != 0; }

void BatchedFrames::make(const Batch& batch, std::size_t first, std::size_t end) {
  made_->drop();
  const FrameSlice slice = slice_frame(batch, first, max_frame_, end - first);
  if (!allocate(slice.bytes())) return;
  auto* const out = static_cast<unsigned char*>(::zmq_msg_data(&made_->frame));
  slice.write_header(out);
  std::memcpy(out + FrameHeader::kBytes, slice.lines.data(), slice.lines.size());
  made_->count = slice.header.count;
  made_->sequence = slice.header.sequence;
}

bool BatchedFrames::allocate(std::size_t bytes) {
  // A short frame would occupy a whole block for as long as the peer lets it wait.
  if (bytes < pool_->block_bytes() / 2 || bytes > pool_->block_bytes()) {
    return init_marked(&made_->frame, bytes, marks_);
  }
  FramePool::Block* const block = pool_->take(std::chrono::steady_clock::now(), marks_);
  if (block == nullptr) {
    errno = ENOMEM;  // zmq_errno() returns it
    return false;
  }
  const auto give_back = [](void*, void* hint) {
    FramePool::give_back(static_cast<FramePool::Block*>(hint));
  };
  if (::zmq_msg_init_data(&made_->frame, FramePool::bytes(block), bytes, give_back, block) == 0) {
    return true;
  }
  FramePool::give_back(block);
  return false;
}

std::chrono::nanoseconds BatchedFrames::idle(std::chrono::steady_clock::time_point now) {
  return pool_->release_unused(now);
}

}  // namespace metlog
