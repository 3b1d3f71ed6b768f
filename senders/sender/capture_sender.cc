#include "senders/sender/capture_sender.h"

#include <algorithm>

namespace metlog {

Capture::Answer Capture::sent() { return {}; }

Capture::Answer Capture::busy(std::size_t take) {
  return {SendResult::kBusy, take, LossReason::kRefused};
}

Capture::Answer Capture::lost(LossReason reason, std::size_t take) {
  return {SendResult::kLost, take, reason};
}

void Capture::script(const std::vector<Answer>& answers) {
  const std::lock_guard lock(mutex_);
  answers_.insert(answers_.end(), answers.begin(), answers.end());
}

void Capture::set_flush_answer(bool flushed) {
  const std::lock_guard lock(mutex_);
  flush_answer_ = flushed;
}

std::vector<std::string> Capture::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

bool Capture::wait_for(std::size_t count, std::chrono::nanoseconds limit) const {
  std::unique_lock lock(mutex_);
  return arrived_.wait_for(lock, limit, [&] { return messages_.size() >= count; });
}

std::size_t Capture::send_calls() const {
  const std::lock_guard lock(mutex_);
  return send_calls_;
}

SendResult Capture::receive(Batch& batch) {
  const std::lock_guard lock(mutex_);
  ++send_calls_;
  Answer answer = sent();
  if (!answers_.empty()) {
    answer = answers_.front();
    answers_.pop_front();
  }
  const std::size_t count = std::min(answer.take, batch.remaining_count());
  for (std::size_t i = 0; i < count; ++i) messages_.emplace_back(batch.message(i));
  batch.take_messages(count);
  arrived_.notify_all();
  if (answer.result == SendResult::kLost) batch.lose_rest(answer.reason);
  return answer.result;
}

bool Capture::flush_answer() const {
  const std::lock_guard lock(mutex_);
  return flush_answer_;
}

}  // namespace metlog
