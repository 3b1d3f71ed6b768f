#include <algorithm>
#include <cassert>
#include <new>

#include "metlog/internal/flush/batch_memory.h"
#include "metlog/internal/session/sent_totals.h"
#include "metlog/sender.h"

namespace metlog {
namespace {

// What a batch holds beyond its wanted bytes: its last message, as a rule.
constexpr std::size_t room_for(std::size_t bytes) { return bytes + bytes / 8 + 1024; }

// More messages than a batch of them usually has: they are as short as 32 bytes.
constexpr std::size_t entries_for(std::size_t bytes) { return 64 + bytes / 32; }

/// Returns what became of its messages.
SentTotals outcome_of(const Batch& batch) {
  SentTotals totals{batch.number, batch.sent_count(), batch.lost(), {}};
  for (const Batch::NoticeOutcome& each : batch.notices()) {
    if (!each.is_lost && each.notice.kind == Notice::Kind::kLoss) {
      totals.reported[each.notice.reason] += each.notice.count;
    }
  }
  return totals;
}

}  // namespace

Batch::Batch(std::size_t bytes, const StreamId& own_stream, const BatchPlace& place)
    : stream(own_stream),
      wanted_bytes_(bytes),
      full_count_(entries_for(bytes)),
      keeps_lost_(place.is_kept),
      memory_(std::make_unique<BatchMemory>(stream, place, room_for(bytes), full_count_)) {}

Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;

void Batch::commit(const char* end, const Notice& notice) {
  const bool is_loss = notice.kind == Notice::Kind::kLoss && notice.count != 0;
  table_[count_].notice_count = notice.count;
  put_entry(end, Origin::kEngine, notice.record,
            is_loss ? static_cast<std::uint8_t>(1 + static_cast<int>(notice.reason)) : 0);
  notices_.push_back({count_ - 1, notice, false});
}

void Batch::begin(std::uint64_t batch_number, std::uint64_t sequence) {
  number = batch_number;
  first_sequence = sequence;
  if (published_count_ != nullptr && memory_->forget_if_refused()) {
    published_count_ = nullptr;
    text_ = nullptr;
    table_ = nullptr;
    capacity_ = max_count_ = 0;
  }
  publish_number();
}

void Batch::publish_number() {
  if (published_count_ == nullptr) return;
  BatchHeader& header = memory_->header();
  // release, all: for a process that reads the file after our death
  header.number.store(number, Order::kRelease);
  header.first_sequence.store(first_sequence, Order::kRelease);
  header.next_sequence.store(first_sequence, Order::kRelease);
}

void Batch::clear() {
  const std::uint64_t next_sequence = first_sequence + count_;
  if (count_ != 0) memory_->add_to_totals(outcome_of(*this));
  used_ = count_ = next_ = cursor_ = settled_ = 0;
  first_lost_ = SIZE_MAX;
  user_count_ = sent_count_ = engine_lost_count_ = 0;
  lost_ = {};
  notices_.clear();
  if (published_count_ != nullptr) {
    BatchHeader& header = memory_->header();
    // release, all: for a process that reads the file after our death. First the number that
    // follows, so that none is given twice, then `count`.
    header.next_sequence.store(next_sequence, Order::kRelease);
    published_count_->store(0, Order::kRelease);
    header.write_offset.store(0, Order::kRelease);
  }
  publish_cursor();
}

bool Batch::outlives_process() const { return memory_->is_file(); }

std::string_view Batch::message_at(std::size_t index) const {
  assert(index < count_);
  const std::size_t start = start_of(index);
  return {text_ + start, table_[index].end - 1 - start};
}

std::string_view Batch::message(std::size_t i) const {
  assert(i < remaining_count());
  return message_at(next_ + i);
}

std::string_view Batch::lines(std::size_t first, std::size_t count) const {
  assert(first + count <= remaining_count() && !is_inside_message());
  const std::size_t start = start_of(next_ + first);
  return {text_ + start, start_of(next_ + first + count) - start};
}

std::size_t Batch::count_within(std::size_t first, std::size_t bytes) const {
  const Entry* const begin = table_ + next_ + first;
  const std::size_t limit = start_of(next_ + first) + bytes;
  const Entry* const end_of_fitting =
      std::partition_point(begin, static_cast<const Entry*>(table_ + count_),
                           [limit](const Entry& entry) { return entry.end <= limit; });
  return static_cast<std::size_t>(end_of_fitting - begin);
}

std::string_view Batch::remaining_bytes() const { return {text_ + cursor_, used_ - cursor_}; }

void Batch::take_messages(std::size_t count) {
  assert(count <= remaining_count());
  // The usual case, which need not visit each message.
  if (next_ == 0 && count == count_ && settled_ == 0) {
    sent_count_ = user_count_;
    next_ = count;
    cursor_ = used_;
  } else {
    for (; count > 0 && !is_done(); --count) {
      if (table_[next_].origin == Origin::kUser) ++sent_count_;
      pass_message();
    }
  }
  publish_cursor();
}

void Batch::take_bytes(std::size_t count) {
  assert(count <= used_ - cursor_);
  const std::size_t target = cursor_ + count;
  if (target == used_) return take_messages(remaining_count());
  std::size_t whole = 0;
  while (next_ + whole < count_ && table_[next_ + whole].end <= target) ++whole;
  take_messages(whole);
  cursor_ = target;
  publish_cursor();
}

void Batch::begin_write(std::uint64_t file_offset, const FileIdentity& file) {
  if (published_count_ != nullptr) memory_->header().begin_write(next_, file_offset, file);
}

void Batch::lose_message(LossReason reason) {
  assert(!is_done());
  count_lost(next_, reason);
  pass_message();
  publish_cursor();
}

void Batch::lose_rest(LossReason reason) {
  while (!is_done()) lose_message(reason);
}

void Batch::take_at(std::size_t index) {
  assert(index < count_ && !is_settled(index));
  if (table_[index].origin == Origin::kUser) ++sent_count_;
  table_[index].result = Result::kSent;
  ++settled_;
  pass_settled();
}

void Batch::lose_at(std::size_t index, LossReason reason) {
  assert(index < count_ && !is_settled(index));
  count_lost(index, reason);
  table_[index].result = Result::kLost;
  ++settled_;
  pass_settled();
}

/// Moves the cursor past one message, and past those behind it that are settled already.
void Batch::pass_message() {
  cursor_ = table_[next_++].end;
  if (settled_ != 0) pass_settled();
}

void Batch::pass_settled() {
  while (next_ < count_ && table_[next_].result != Result::kOpen) {
    cursor_ = table_[next_++].end;
    --settled_;
  }
  publish_cursor();
}

void Batch::count_lost(std::size_t index, LossReason reason) {
  first_lost_ = std::min(first_lost_, index);
  // What a recovery loses is there for the next one.
  if (!keeps_lost_) {
    table_[index].result = Result::kLost;
    table_[index].reason = reason;
  }
  if (table_[index].origin == Origin::kUser) {
    ++lost_[reason];
    return;
  }
  ++engine_lost_count_;
  for (NoticeOutcome& outcome : notices_) outcome.is_lost |= outcome.message == index;
}

void Batch::publish_cursor() {
  if (published_count_ == nullptr) return;
  // relaxed, both: hints for a process that reads the file after our death; one that finds them
  // too small sends a message again, with the same number
  const std::size_t next = keeps_lost_ ? std::min(next_, first_lost_) : next_;
  memory_->header().next.store(next, Order::kRelaxed);
  memory_->header().cursor.store(next == next_ ? cursor_ : start_of(next), Order::kRelaxed);
}

void Batch::make_room(std::size_t text_bytes) {
  if (!memory_->make_room(text_bytes, count_ + 1, used_)) throw std::bad_alloc();
  BatchHeader& header = memory_->header();
  text_ = memory_->text();
  capacity_ = memory_->text_bytes();
  table_ = memory_->table();
  max_count_ = memory_->entries();
  published_count_ = &header.count;
  publish_number();
}

}  // namespace metlog
