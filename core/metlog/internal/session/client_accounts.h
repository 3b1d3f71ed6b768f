#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "metlog/internal/base/mapped_memory.h"
#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/session/sent_totals.h"
#include "metlog/internal/site/gate.h"
#include "metlog/loss.h"

namespace metlog {

inline constexpr std::uint64_t kAccountsMagic = 0x54434341'4c54454d;  // "METLACCT", little endian
inline constexpr std::uint32_t kAccountsAbi = 1;

/// What is counted of a client and is in no thread's counts and in no batch: for another process
/// after our death, which adds all three up. docs/ring.md lists the offsets. A count is stored
/// before what shows that it is done, so that each thread may have counted one message too many.
struct ClientAccount {
  /// 1 + the number of the first stream that counts: what earlier ones did is in `retired`. 0 for
  /// a slot without an open client.
  PlainAtomic<std::uint64_t> stream_begin;
  // By the calling threads.
  PlainAtomic<std::uint64_t> no_ring;
  PlainAtomic<std::uint64_t> forked;
  PlainAtomic<std::uint64_t>
      unlisted[2];  // losses for which ThreadCounts has no room, by CallerLoss
  // By the flusher, of all destinations that the client has had.
  PlainAtomic<std::uint64_t> filtered;
  PlainAtomic<std::uint64_t> lost[kLossReasonCount];  // in the flusher itself
  // UTC ns of the losses that no message has reported yet; 0 where that is not known.
  PlainAtomic<std::int64_t> first_ns[kLossReasonCount];
  PlainAtomic<std::int64_t> last_ns[kLossReasonCount];
  SentTotalsPair retired;  // `number` is stream_begin, and replaces it when it is larger
  unsigned char unused[264];
};
static_assert(sizeof(ClientAccount) == 1024, "none lies in two pages");
static_assert(offsetof(ClientAccount, filtered) == 40 && offsetof(ClientAccount, retired) == 336);

/// The first page of the file `accounts`; the accounts follow, by slot.
struct AccountsHeader {
  std::uint64_t magic;
  std::uint32_t abi;
  std::uint32_t account_bytes;
  std::uint8_t session[16];
};
inline constexpr std::size_t kAccountsHeaderBytes = 4096;

/// The accounts of all clients, in a file of the session or, where that is refused, in anonymous
/// memory. Any thread; begin() and end() by the one that opens or closes the client.
class ClientAccounts {
 public:
  /// `session_id` is 16 bytes, null for zeros; -1 for anonymous memory.
  ClientAccounts(int directory_fd, const std::uint8_t* session_id);

  /// Requires that the slot's client has begun.
  [[nodiscard]] ClientAccount& of(std::uint32_t slot) const { return *account_at(slot); }
  /// Returns the slot in which the calls of this slot's client are counted: its own, or the first
  /// one of a client with several destinations.
  [[nodiscard]] std::uint32_t slot_of_calls(std::uint32_t slot) const {
    return calls_of_[slot].load(std::memory_order_relaxed);  // relaxed: of an open client
  }
  /// Returns that one's account.
  [[nodiscard]] ClientAccount& calls_of(std::uint32_t slot) const {
    return *account_at(slot_of_calls(slot));
  }
  /// Empties the account, which is that of a client from now on; its streams are `first_stream`
  /// and later ones, and its calls are counted in the slot `calls_of`.
  void begin(std::uint32_t slot, std::uint32_t first_stream, std::uint32_t calls_of);
  /// Says that the client is closed: it has got its receipt.
  void end(std::uint32_t slot);

 private:
  [[nodiscard]] ClientAccount* account_at(std::uint32_t slot) const {
    return reinterpret_cast<ClientAccount*>(memory_.base() + kAccountsHeaderBytes) + slot;
  }

  /// Gets the memory of a page, which several clients that are opened at once may share.
  void prepare(std::size_t page);

  const MappedMemory memory_;
  std::mutex mutex_;
  std::atomic<std::uint32_t> calls_of_[kClientSlots] = {};  // by slot
  bool is_ready_[kClientSlots / 4] = {};                    // pages; guarded by the mutex
};

}  // namespace metlog
