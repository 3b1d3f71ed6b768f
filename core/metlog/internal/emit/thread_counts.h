#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/site/gate.h"

namespace metlog {

inline constexpr std::uint64_t kCountsMagic = 0x544e5543'4c54454d;  // "METLCUNT", little endian
inline constexpr std::uint32_t kCountsAbi = 1;

/// Losses that happen on the calling thread.
enum class CallerLoss : std::uint8_t { kRingFull, kTooBig };
inline constexpr std::size_t kCallerLossCount = 2;

/// What the threads that have written a ring have counted: one page, which other processes read
/// after our death. docs/ring.md lists the offsets. It is mapped twice: in the page of the thread
/// that writes the ring (Producer), where a call finds it without another load, and beside the
/// ring (CountsPage), for everybody else. Only that thread stores to it, and whoever opens a
/// client.
///
/// A call is counted in `emitted` before its record is published or its loss counted, so there may
/// be one more than are found: the call that the thread was in.
struct ThreadCounts {
  /// Losses of one client for one reason; empty while `key` is 0.
  struct Loss {
    PlainAtomic<std::uint64_t> key;
    PlainAtomic<std::uint64_t> count;
    // Ticks, as in a LossMark: of the losses since the last mark in the ring.
    PlainAtomic<std::uint64_t> first_stamp;
    PlainAtomic<std::uint64_t> last_stamp;
  };
  static constexpr std::size_t kLosses = 62;

  /// Admitted calls, by client. Counted where they are made and not where they are drained, so that
  /// the ledger's identity is a real check.
  PlainAtomic<std::uint64_t> emitted[kClientSlots];
  std::uint64_t magic;
  std::uint32_t abi;
  std::uint32_t ring;  // index
  std::uint8_t session[16];
  unsigned char unused[32];
  /// A hash table with linear probing; entries stay. Few clients lose anything on one thread.
  Loss losses[kLosses];

  /// Counts a lost call; false when there is no room for another client. `is_first`: no earlier
  /// loss of this kind waits for its mark.
  bool count_loss(CallerLoss loss, std::uint32_t client, std::uint64_t stamp, bool is_first);
  /// Returns the entry; null when there is none.
  [[nodiscard]] const Loss* find(CallerLoss loss, std::uint32_t client) const;
  [[nodiscard]] std::uint64_t lost(CallerLoss loss, std::uint32_t client) const {
    const Loss* const found = find(loss, client);
    return found != nullptr ? found->count.load(Order::kRelaxed) : 0;  // relaxed: a counter
  }
  /// Clears the counts of a closed client.
  void reset(std::uint32_t client);
};
static_assert(sizeof(ThreadCounts) == 4096 && offsetof(ThreadCounts, losses) == 2112);

/// The memory of a ring's counts: a file of the session, or without a name where that is refused.
class CountsPage {
 public:
  struct Place {
    int directory_fd = -1;  // of the session; -1 for anonymous memory
    std::uint32_t index = 0;
    const std::uint8_t* session_id = nullptr;  // 16 bytes; null for zeros
  };
  explicit CountsPage(const Place& place);
  ~CountsPage();
  CountsPage(const CountsPage&) = delete;
  CountsPage& operator=(const CountsPage&) = delete;

  [[nodiscard]] bool is_valid() const { return counts_ != nullptr; }
  /// For who does not know of a window: it costs the process another page of the kind that tools
  /// count twice.
  [[nodiscard]] ThreadCounts& counts() const { return *counts_; }
  /// Maps the page at `window`, in the place of what is there. False when the system refuses that;
  /// then there is zeroed memory.
  [[nodiscard]] bool show_at(ThreadCounts& window) const;

 private:
  [[nodiscard]] bool map_again_at(ThreadCounts& window) const;

  const Place place_;
  ThreadCounts* counts_ = nullptr;
  UniqueFd nameless_;     // its file, if it must be opened to be mapped again
  bool is_file_ = false;  // of the session
  ino_t inode_ = 0;       // of its file
};

}  // namespace metlog
