#include "metlog/internal/flush/queue/flush_request.h"

#include <algorithm>

namespace metlog {
namespace {

using std::chrono::nanoseconds;

// For a destination that will not have it all: the calls of the program go on.
constexpr nanoseconds kMaxPause = std::chrono::seconds(1);

std::int64_t steady_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / nanoseconds(1);
}

template <class T>
void raise(std::atomic<T>& atomic, T value) {
  T held = atomic.load(std::memory_order_relaxed);  // relaxed: compared only
  // release: pairs with the acquires in step()
  while (held < value && !atomic.compare_exchange_weak(held, value, std::memory_order_release)) {
  }
}

}  // namespace

void FlushRequest::ask(std::uint64_t number, std::chrono::steady_clock::time_point until) {
  raise(until_ns_, std::int64_t{until.time_since_epoch() / nanoseconds(1)});
  raise(wanted_, number);
}

bool FlushRequest::step(Sender& sender, std::uint64_t done, bool is_waited_for, nanoseconds limit) {
  // acquire: pairs with the release in ask()
  const std::uint64_t wanted = wanted_.load(std::memory_order_acquire);
  // relaxed, both: stored by this thread
  const std::uint64_t settled = std::max(flushed_number_.load(std::memory_order_relaxed),
                                         unflushed_number_.load(std::memory_order_relaxed));
  if (wanted <= settled || wanted > done) return false;
  // acquire: as above
  const std::int64_t left_ns = until_ns_.load(std::memory_order_acquire) - steady_ns();
  if (left_ns <= 0) {
    paused_since_ns_ = 0;
    return false;
  }
  if (sender.flush(std::min(limit, nanoseconds(left_ns)))) {
    // release: pairs with flushed_number()
    flushed_number_.store(done, std::memory_order_release);
    paused_since_ns_ = 0;
    return false;
  }
  if (!is_waited_for) {
    paused_since_ns_ = 0;
  } else if (paused_since_ns_ == 0) {
    paused_since_ns_ = steady_ns();
  } else if (steady_ns() - paused_since_ns_ > kMaxPause.count()) {
    // release: pairs with unflushed_number()
    unflushed_number_.store(wanted, std::memory_order_release);
    paused_since_ns_ = 0;
    return false;
  }
  return true;
}

}  // namespace metlog
