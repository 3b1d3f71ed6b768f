#include "metlog/sender.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace metlog {

Batch::Batch(std::size_t bytes)
    : wanted_bytes_(bytes),
      capacity_(bytes + bytes / 8 + 1024),
      buffer_(new char[capacity_]),
      ends_(kFirstEnds) {}

void Batch::clear() {
  used_ = count_ = next_ = cursor_ = 0;
  user_count_ = sent_count_ = engine_lost_count_ = 0;
  lost_ = {};
  notices_.clear();
}

std::string_view Batch::message(std::size_t i) const {
  assert(i < remaining_count());
  const std::size_t start = start_of(next_ + i);
  return {buffer_.get() + start, ends_[next_ + i].offset - 1 - start};
}

std::string_view Batch::lines(std::size_t first, std::size_t count) const {
  assert(first + count <= remaining_count() && !is_inside_message());
  const std::size_t start = start_of(next_ + first);
  return {buffer_.get() + start, start_of(next_ + first + count) - start};
}

std::size_t Batch::count_within(std::size_t first, std::size_t bytes) const {
  const auto begin = ends_.begin() + static_cast<std::ptrdiff_t>(next_ + first);
  const std::size_t limit = start_of(next_ + first) + bytes;
  const auto end_of_fitting =
      std::partition_point(begin, ends_.begin() + static_cast<std::ptrdiff_t>(count_),
                           [limit](const End& end) { return end.offset <= limit; });
  return static_cast<std::size_t>(end_of_fitting - begin);
}

std::string_view Batch::remaining_bytes() const {
  return {buffer_.get() + cursor_, used_ - cursor_};
}

void Batch::take_messages(std::size_t count) {
  assert(count <= remaining_count());
  // The usual case, which need not visit each message.
  if (next_ == 0 && count == count_) {
    sent_count_ = user_count_;
    next_ = count;
    cursor_ = used_;
    return;
  }
  for (; count > 0; --count) {
    if (ends_[next_].origin == Origin::kUser) ++sent_count_;
    cursor_ = ends_[next_++].offset;
  }
}

void Batch::take_bytes(std::size_t count) {
  assert(count <= used_ - cursor_);
  const std::size_t target = cursor_ + count;
  if (target == used_) return take_messages(remaining_count());
  std::size_t whole = 0;
  while (next_ + whole < count_ && ends_[next_ + whole].offset <= target) ++whole;
  take_messages(whole);
  cursor_ = target;
}

void Batch::lose_message(LossReason reason) {
  assert(!is_done());
  if (ends_[next_].origin == Origin::kUser) {
    ++lost_[reason];
  } else {
    ++engine_lost_count_;
    for (NoticeOutcome& outcome : notices_) outcome.is_lost |= outcome.message == next_;
  }
  cursor_ = ends_[next_++].offset;
}

void Batch::lose_rest(LossReason reason) {
  while (!is_done()) lose_message(reason);
}

void Batch::grow(std::size_t bytes) {
  const std::size_t larger = bytes + bytes / 2;
  std::unique_ptr<char[]> moved(new char[larger]);
  std::memcpy(moved.get(), buffer_.get(), used_);
  buffer_ = std::move(moved);
  capacity_ = larger;
}

void Batch::make_room_for_ends() { ends_.resize(2 * ends_.size()); }

}  // namespace metlog
