#pragma once

#include "metlog/internal/emit/producer.h"
#include "metlog/internal/emit/signal_scope.h"

namespace metlog {

/// Holds the thread's writer while the cold path works, so that calls of signal handlers leave it
/// alone (docs/ring.md, I6).
class WriterHold {
 public:
  /// The writer has a ring.
  explicit WriterHold(Producer& producer)
      : producer_(producer), has_it_(producer.writer.try_hold()) {
    if (!has_it_ && SignalScope::may_be_in_handler()) return;
    if (!has_it_) {
      producer_.writer.hold_after_jump();
      producer_.cold_calls.store(0, Order::kRelaxed);  // relaxed: the place is taken all the time
      has_it_ = true;
    }
    producer_.cold_calls.add_by_owner(1);
  }
  ~WriterHold() {
    if (!has_it_) return;
    // relaxed: our own; 0 in a child that a handler has forked meanwhile
    if (producer_.cold_calls.load(Order::kRelaxed) != 0) {
      producer_.cold_calls.add_by_owner(std::uint64_t{0} - 1);
    }
    producer_.writer.let_go();
  }
  WriterHold(const WriterHold&) = delete;
  WriterHold& operator=(const WriterHold&) = delete;

  /// False when the present call is in a signal handler that has interrupted another one.
  [[nodiscard]] bool has_it() const { return has_it_; }

 private:
  Producer& producer_;
  bool has_it_;
};

/// Lets go of a held writer while it lives, so that others may use it: signal handlers while the
/// cold path waits, an allocator that logs while it allocates. Does nothing with null.
class HoldPause {
 public:
  explicit HoldPause(RingWriter* writer) : writer_(writer) {
    if (writer_ != nullptr) writer_->let_go();
  }
  // What has it now ran deeper in the stack, and was left by a jump.
  ~HoldPause() {
    if (writer_ != nullptr && !writer_->try_hold()) writer_->hold_after_jump();
  }
  HoldPause(const HoldPause&) = delete;
  HoldPause& operator=(const HoldPause&) = delete;

 private:
  RingWriter* const writer_;
};

}  // namespace metlog
