#include "metlog/internal/flush/send_queue.h"

#include <algorithm>
#include <cassert>
#include <mutex>
#include <utility>

#include "concurrentqueue.h"

namespace metlog {
namespace {

using std::chrono::nanoseconds;

// As good as unlimited: every reason to wake but the sender's own wakes the thread.
constexpr nanoseconds kIdleWait = std::chrono::seconds(1);
constexpr nanoseconds kFirstBusyWait = std::chrono::microseconds(50);
constexpr nanoseconds kMaxBusyWait = std::chrono::milliseconds(5);
// Short, so that stop() need not wait for it.
constexpr nanoseconds kFlushStep = std::chrono::milliseconds(50);
// Shorter, so that the thread's other queues need not, either.
constexpr nanoseconds kSharedFlushStep = std::chrono::milliseconds(2);

std::int64_t steady_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / nanoseconds(1);
}

constexpr QueueThread::Next kEnded{QueueThread::Next::Kind::kEnded};

/// A turn after this time, a nap.
QueueThread::Next not_before(nanoseconds wait) {
  return {QueueThread::Next::Kind::kNotBefore, std::chrono::steady_clock::now() + wait};
}

/// A turn when the queue is woken, or after this time. All that only wait for a wake have theirs at
/// the same full second, so that a process with many idle queues wakes up no more often.
QueueThread::Next after(nanoseconds wait) {
  const auto now = std::chrono::steady_clock::now();
  const nanoseconds since_full = now.time_since_epoch() % kIdleWait;
  const nanoseconds left = wait < kIdleWait ? wait : kIdleWait - since_full;
  return {QueueThread::Next::Kind::kWhenWakened, now + left};
}

/// The batches that are empty. The one that was used last is used next, so that those which a fast
/// destination never needs get no memory. Any thread.
class EmptyBatches {
 public:
  explicit EmptyBatches(std::size_t count) { batches_.reserve(count); }

  void add(Batch* batch) {
    const std::lock_guard lock(mutex_);
    batches_.push_back(batch);
  }
  /// Null when there is none.
  Batch* take() {
    const std::lock_guard lock(mutex_);
    if (batches_.empty()) return nullptr;
    Batch* const batch = batches_.back();
    batches_.pop_back();
    return batch;
  }

 private:
  std::mutex mutex_;
  std::vector<Batch*> batches_;  // never grows beyond what is reserved
};

}  // namespace

struct SendQueue::Queues {
  explicit Queues(std::size_t count) : to_send(count * 2), offered(to_send), empty(count) {}
  moodycamel::ConcurrentQueue<Batch*> to_send;
  // The queue is first in, first out for each token, or for each thread that has none; so all
  // threads that offer use this one, in turn.
  const moodycamel::ProducerToken offered;
  EmptyBatches empty;
};

SendQueue::SendQueue(std::unique_ptr<Sender> sender, const Options& options)
    : sender_(std::move(sender)),
      handover_(sender_->handover()),
      source_(options.source),
      queues_(std::make_unique<Queues>(options.batch_count)),
      busy_wait_(kFirstBusyWait),
      thread_(options.shared_thread != nullptr ? options.shared_thread
                                               : std::make_shared<QueueThread>(options.thread)) {
  for (std::size_t i = 0; i < options.batch_count; ++i) {
    const BatchPlace place{options.directory_fd, static_cast<std::uint32_t>(i)};
    batches_.push_back(std::make_unique<Batch>(options.batch_bytes, options.stream, place));
  }
  // So that the first is taken first.
  for (std::size_t i = batches_.size(); i > 0; --i) queues_->empty.add(batches_[i - 1].get());
}

SendQueue::~SendQueue() {
  stop(nanoseconds(0));
  if (!has_ended()) thread_->take_off(*this, {}, QueueThread::TimePoint::max());
}

Batch* SendQueue::try_take_empty() {
  Batch* const batch = queues_->empty.take();
  if (batch == nullptr) return nullptr;
  batch->begin(offered_number() + 1, next_sequence_);
  return batch;
}

void SendQueue::offer(Batch* batch) {
  if (batch->remaining_count() == 0) {
    queues_->empty.add(batch);
    return;
  }
  offered_number_.store(batch->number, std::memory_order_relaxed);  // relaxed: a number
  next_sequence_ += batch->remaining_count();
  queues_->to_send.enqueue(queues_->offered, batch);
  if (++unannounced_ * 2 < batches_.size()) return;
  unannounced_ = 0;
  wake();
}

void SendQueue::announce() {
  if (unannounced_ == 0) return;
  unannounced_ = 0;
  thread_->wake_late(*this);
}

absl::Status SendQueue::start() {
  if (has_thread_) return absl::OkStatus();
  absl::Status status = thread_->add(*this);
  has_thread_ = status.ok();
  return status;
}

void SendQueue::hold() {
  is_held_.store(true,
                 std::memory_order_release);  // pairs with the acquires of run_turn() and step()
}

void SendQueue::release() {
  is_held_.store(false,
                 std::memory_order_release);  // pairs with the acquires of run_turn() and step()
  wake();
}

bool SendQueue::step() {
  // relaxed: a switch
  return stop_at_ns_.load(std::memory_order_relaxed) == 0 && step_now();
}

bool SendQueue::step_now() {
  // acquire: pairs with release(); what the caller did before it comes first
  if (is_held_.load(std::memory_order_acquire)) return false;
  bool progressed = false;
  while (take_next()) {
    if (!send_current()) break;
    progressed = true;
  }
  if (current_ == nullptr) {
    flush_step(nanoseconds(0));
    sender_->idle();
  }
  return take_back() || progressed;
}

bool SendQueue::take_next() {
  if (current_ != nullptr) {
    if (source_ != nullptr) source_->fill(false);
    return true;
  }
  if (queues_->to_send.try_dequeue(current_)) return true;
  if (source_ == nullptr) return false;
  source_->fill(true);
  return queues_->to_send.try_dequeue(current_);
}

bool SendQueue::send_current() {
  const SendResult result = sender_->send(*current_);
  if (result == SendResult::kHeld) {
    held_.push_back(std::exchange(current_, nullptr));
  } else if (result != SendResult::kBusy) {
    // What a sender leaves in the batch must not be missing from the ledger.
    current_->lose_rest(LossReason::kRefused);
    complete(std::exchange(current_, nullptr));
  }
  take_back();
  return current_ == nullptr;
}

bool SendQueue::take_back() {
  bool is_any = false;
  while (!held_.empty()) {
    Batch* const settled = sender_->take_settled();
    if (settled == nullptr || std::erase(held_, settled) == 0) break;
    settled->lose_rest(LossReason::kRefused);
    complete(settled);
    is_any = true;
  }
  return is_any;
}

void SendQueue::complete(Batch* batch) {
  if (source_ != nullptr) source_->completed(*batch);
  counts_.add(*batch);
  for (const Batch::NoticeOutcome& outcome : batch->notices()) {
    if (outcome.is_lost) lost_notices_.add(outcome.notice);
  }
  done_number_.add(batch->number);
  batch->clear();
  queues_->empty.add(batch);
}

QueueThread::Next SendQueue::run_turn() {
  // acquire: pairs with the release in begin_stop()
  const std::int64_t stop_at = stop_at_ns_.load(std::memory_order_acquire);
  if (stop_at != 0 && steady_ns() >= stop_at) {
    // Here, because no other thread waits for this turn when the sender returns too late.
    expire_all();
    return kEnded;
  }
  // acquire: pairs with release(); what the caller did before it comes first
  if (stop_at == 0 && is_held_.load(std::memory_order_acquire)) return after(kIdleWait);
  const nanoseconds flush_limit = thread_->is_shared() ? kSharedFlushStep : kFlushStep;
  if (current_ == nullptr && stop_at == 0 && flush_step(flush_limit)) {
    return not_before(kFirstBusyWait);
  }
  if (!take_next()) {
    if (stop_at != 0 && held_.empty()) return kEnded;
    return next_idle_turn(stop_at);
  }
  const std::size_t left = current_->remaining_count();
  if (send_current() || current_->remaining_count() != left) busy_wait_ = kFirstBusyWait;
  if (current_ == nullptr) return {};
  return not_before(std::exchange(busy_wait_, std::min(busy_wait_ * 2, kMaxBusyWait)));
}

QueueThread::Next SendQueue::next_idle_turn(std::int64_t stop_at) {
  nanoseconds wait = std::min(kIdleWait, sender_->idle());
  if (source_ != nullptr) wait = std::min(wait, source_->due());
  if (stop_at != 0) wait = std::min(wait, nanoseconds(stop_at - steady_ns()));
  if (take_back()) return {};
  return after(wait);
}

bool SendQueue::is_at_rest() const {
  return source_ == nullptr && current_ == nullptr && held_.empty() &&
         queues_->to_send.size_approx() == 0;
}

void SendQueue::ask_for_flush(std::uint64_t number, std::chrono::steady_clock::time_point until) {
  flush_.ask(number, until);
  wake();
}

bool SendQueue::flush_step(nanoseconds limit) {
  const bool is_waited_for = queues_->to_send.size_approx() != 0;
  return flush_.step(*sender_, done_number(), is_waited_for, limit);
}

void SendQueue::begin_stop(nanoseconds limit) {
  const std::int64_t stop_at = steady_ns() + std::max<std::int64_t>(limit.count(), 1);
  const std::int64_t before = stop_at_ns_.load(std::memory_order_relaxed);  // relaxed: own store
  if (before != 0 && (!must_end_ || before <= stop_at)) return;
  if (before == 0) release();
  must_end_ = true;
  // release: pairs with the acquire in run_turn(), which sees every offer() of this thread
  stop_at_ns_.store(stop_at, std::memory_order_release);
  wake();
}

bool SendQueue::end_stop() {
  if (!std::exchange(must_end_, false)) return flushed_;
  if (thread_->is_inside(*this)) {
    expire_all();
    return false;
  }
  const std::int64_t stop_at = stop_at_ns_.load(std::memory_order_relaxed);  // relaxed: own store
  const bool is_driven_here = may_step();
  if (has_thread()) {
    const auto give_up_at = std::chrono::steady_clock::time_point(nanoseconds(stop_at));
    if (!thread_->take_off(*this, give_up_at, give_up_at + kSenderGrace)) return false;
  }
  if (is_driven_here) step_now();
  const std::int64_t left_ns = std::max<std::int64_t>(stop_at - steady_ns(), 0);
  flushed_ = sender_->flush(nanoseconds(left_ns));
  take_back();
  expire_all();
  return flushed_;
}

void SendQueue::stop_stepping() {
  // relaxed: a switch
  if (!has_thread()) stop_at_ns_.store(steady_ns(), std::memory_order_relaxed);
}

void SendQueue::expire_all() {
  if (source_ != nullptr) source_->expire();
  if (!held_.empty()) sender_->abandon();
  for (Batch* const batch : std::exchange(held_, {})) {
    batch->lose_rest(LossReason::kExpired);
    complete(batch);
  }
  while (current_ != nullptr || queues_->to_send.try_dequeue(current_)) {
    current_->lose_rest(LossReason::kExpired);
    complete(std::exchange(current_, nullptr));
  }
}

}  // namespace metlog
