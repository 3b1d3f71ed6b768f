#pragma once

#include <cstdint>

#include "metlog/internal/ring/cell.h"

namespace metlog {

/// Records that are not calls have these in the place of a site's id (docs/ring.md). The ids that
/// no code writes yet are reserved, so that readers of a dead process's rings can skip them.
enum class ControlRecord : std::uint32_t {
  kLoss = 1,
  kClock = 2,
  kThread = 3,
  kContextSet = 4,
  kContextClear = 5,
  kContinuation = 6,  // the thread goes on in another ring; the last record of this one
};

/// The arguments of ControlRecord::kLoss: messages of the head's client that did not get into the
/// ring since the last such record, at the place where they are missing.
struct LossMark {
  std::uint64_t count;
  std::uint64_t first_stamp;
  std::uint64_t last_stamp;
  std::uint32_t site;   // of a single record that was too big; else 0
  std::uint8_t reason;  // LossReason
  std::uint8_t beginning_size;
  unsigned char beginning[18];  // of that record's arguments
};
static_assert(sizeof(LossMark) == kFirstCellArgBytes);

/// The arguments of ControlRecord::kContinuation.
struct Continuation {
  std::uint64_t ring;  // index of the ring in which the thread goes on
  unsigned char unused[40];
};
static_assert(sizeof(Continuation) == kFirstCellArgBytes);

}  // namespace metlog
