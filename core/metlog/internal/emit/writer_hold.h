#pragma once

#include "metlog/internal/emit/signal_scope.h"
#include "metlog/internal/ring/ring_writer.h"

namespace metlog {

/// Holds the thread's writer while the cold path works, so that calls of signal handlers leave it
/// alone (docs/ring.md, I6).
class WriterHold {
 public:
  /// The writer has a ring.
  explicit WriterHold(RingWriter& writer) : writer_(writer), has_it_(writer.try_hold()) {
    if (has_it_ || SignalScope::may_be_in_handler()) return;
    writer_.hold_after_jump();
    has_it_ = true;
  }
  ~WriterHold() {
    if (has_it_) writer_.let_go();
  }
  WriterHold(const WriterHold&) = delete;
  WriterHold& operator=(const WriterHold&) = delete;

  /// False when the present call is in a signal handler that has interrupted another one.
  [[nodiscard]] bool has_it() const { return has_it_; }

 private:
  RingWriter& writer_;
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
