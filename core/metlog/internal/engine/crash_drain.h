#pragma once

#include <cstdint>

#include "metlog/internal/flush/flusher.h"

namespace metlog {

/// What the flusher does for a thread that has crashed and waits: it goes on with its rounds until
/// everything that was logged before has been sent and flushed, and says so. Used by the flusher's
/// thread.
class CrashDrain {
 public:
  /// While it exists, threads that crash wait for it.
  explicit CrashDrain(Flusher& flusher);
  ~CrashDrain();
  CrashDrain(const CrashDrain&) = delete;
  CrashDrain& operator=(const CrashDrain&) = delete;
  /// Looks whether a thread waits, and whether all it waits for is done. Called between two rounds.
  void look();

 private:
  /// True when what the client's destination had been offered has been sent, and flushed where that
  /// is possible.
  bool is_settled();

  Flusher& flusher_;
  std::uint64_t crash_ = 0;       // the last one that was seen
  std::uint64_t round_ = 0;       // the first one that began after it
  std::uint32_t slot_ = 0;        // the client that is looked at; those before are settled
  Destination::Offered offered_;  // of that client
  bool is_offered_ = false;
  bool is_asked_ = false;  // to flush
};

}  // namespace metlog
