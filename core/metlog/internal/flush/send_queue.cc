#include "metlog/internal/flush/send_queue.h"

#include <algorithm>
#include <cassert>
#include <thread>
#include <utility>

#include "concurrentqueue.h"
#include "metlog/internal/base/own_thread.h"
#include "metlog/internal/base/wake_event.h"

namespace metlog {
namespace {

using std::chrono::nanoseconds;

// As good as unlimited: every reason to wake but the sender's own signals the event.
constexpr nanoseconds kIdleWait = std::chrono::seconds(1);
constexpr nanoseconds kFirstBusyWait = std::chrono::microseconds(50);
constexpr nanoseconds kMaxBusyWait = std::chrono::milliseconds(5);
// Short, so that stop() need not wait for it.
constexpr nanoseconds kFlushStep = std::chrono::milliseconds(50);

thread_local bool t_is_sending = false;

std::int64_t steady_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / nanoseconds(1);
}

}  // namespace

struct SendQueue::Queues {
  explicit Queues(std::size_t count) : to_send(count * 2), offered(to_send), empty(count * 2) {}
  moodycamel::ConcurrentQueue<Batch*> to_send;
  // The queue is first in, first out for each token, or for each thread that has none; so all
  // threads that offer use this one, in turn.
  const moodycamel::ProducerToken offered;
  moodycamel::ConcurrentQueue<Batch*> empty;
  WakeEvent wakeup;  // for to_send
};

SendQueue::SendQueue(std::unique_ptr<Sender> sender, const Options& options)
    : sender_(std::move(sender)),
      handover_(sender_->handover()),
      place_(options.thread),
      source_(options.source),
      queues_(std::make_unique<Queues>(options.batch_count)) {
  for (std::size_t i = 0; i < options.batch_count; ++i) {
    const BatchPlace place{options.directory_fd, static_cast<std::uint32_t>(i)};
    batches_.push_back(std::make_unique<Batch>(options.batch_bytes, options.stream, place));
    queues_->empty.enqueue(batches_.back().get());
  }
}

SendQueue::~SendQueue() { stop(nanoseconds(0)); }

Batch* SendQueue::try_take_empty() {
  Batch* batch = nullptr;
  if (!queues_->empty.try_dequeue(batch)) return nullptr;
  batch->begin(offered_number() + 1, next_sequence_);
  return batch;
}

void SendQueue::offer(Batch* batch) {
  if (batch->remaining_count() == 0) {
    queues_->empty.enqueue(batch);
    return;
  }
  offered_number_.store(batch->number, std::memory_order_relaxed);  // relaxed: a number
  next_sequence_ += batch->remaining_count();
  queues_->to_send.enqueue(queues_->offered, batch);
  if (++unannounced_ * 2 >= batches_.size()) announce();
}

void SendQueue::announce() {
  if (unannounced_ == 0) return;
  unannounced_ = 0;
  queues_->wakeup.signal();
}

void SendQueue::wake() { queues_->wakeup.signal(); }

void SendQueue::hold() {
  is_held_.store(true, std::memory_order_release);  // pairs with the acquires of run() and step()
}

void SendQueue::release() {
  is_held_.store(false, std::memory_order_release);  // pairs with the acquires of run() and step()
  queues_->wakeup.signal();
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
  queues_->empty.enqueue(batch);
}

bool SendQueue::is_any_here() { return t_is_sending; }

void SendQueue::run() {
  t_is_sending = true;
  const OwnThread mark;
  place_.enter_or_say();
  nanoseconds busy_wait = kFirstBusyWait;
  while (true) {
    // acquire: pairs with the release in begin_stop()
    const std::int64_t stop_at = stop_at_ns_.load(std::memory_order_acquire);
    if (stop_at != 0 && steady_ns() >= stop_at) {
      // Here, because no other thread joins this one when its sender returns too late.
      expire_all();
      break;
    }
    // acquire: pairs with release(); what the caller did before it comes first
    if (stop_at == 0 && is_held_.load(std::memory_order_acquire)) {
      queues_->wakeup.wait(kIdleWait);
      continue;
    }
    if (current_ == nullptr && stop_at == 0 && flush_step(kFlushStep)) continue;
    if (!take_next()) {
      if (stop_at != 0 && held_.empty()) break;
      nanoseconds wait = std::min(kIdleWait, sender_->idle());
      if (source_ != nullptr) wait = std::min(wait, source_->due());
      if (stop_at != 0) wait = std::min(wait, nanoseconds(stop_at - steady_ns()));
      if (!take_back()) queues_->wakeup.wait(wait);
      continue;
    }
    const std::size_t left = current_->remaining_count();
    if (send_current() || current_->remaining_count() != left) busy_wait = kFirstBusyWait;
    if (current_ != nullptr) {
      std::this_thread::sleep_for(busy_wait);
      busy_wait = std::min(busy_wait * 2, kMaxBusyWait);
    }
  }
}

void SendQueue::ask_for_flush(std::uint64_t number, std::chrono::steady_clock::time_point until) {
  flush_.ask(number, until);
  queues_->wakeup.signal();
}

bool SendQueue::flush_step(nanoseconds limit) {
  const bool is_waited_for = queues_->to_send.size_approx() != 0;
  if (!flush_.step(*sender_, done_number(), is_waited_for, limit)) return false;
  if (limit > nanoseconds(0)) std::this_thread::sleep_for(kFirstBusyWait);
  return true;
}

void SendQueue::begin_stop(nanoseconds limit) {
  const std::int64_t stop_at = steady_ns() + std::max<std::int64_t>(limit.count(), 1);
  const std::int64_t before = stop_at_ns_.load(std::memory_order_relaxed);  // relaxed: own store
  if (before != 0 && (!must_end_ || before <= stop_at)) return;
  if (before == 0) release();
  must_end_ = true;
  // release: pairs with the acquire in run(), which sees every offer() of this thread
  stop_at_ns_.store(stop_at, std::memory_order_release);
  queues_->wakeup.signal();
}

bool SendQueue::end_stop() {
  if (!std::exchange(must_end_, false)) return flushed_;
  if (is_here()) {
    expire_all();
    return false;
  }
  const std::int64_t stop_at = stop_at_ns_.load(std::memory_order_relaxed);  // relaxed: own store
  if (has_thread()) {
    const auto give_up_at = std::chrono::steady_clock::time_point(nanoseconds(stop_at));
    if (!thread_.join_until(give_up_at + kSenderGrace)) return false;
  } else {
    step_now();
  }
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
