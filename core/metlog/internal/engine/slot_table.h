#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "metlog/internal/engine/connect/destinations.h"
#include "metlog/internal/site/gate.h"

namespace metlog {

/// The clients of an engine, by slot. Any thread; nothing is allocated or freed while its mutex is
/// held.
class SlotTable {
 public:
  /// Returns slots that were free, and are those of a client with these destinations from now on;
  /// none when there were not as many.
  std::vector<std::uint32_t> take(std::vector<OpenSlot>& destinations);
  /// The same for further destinations of a client, whose records name the slot `first`. The caller
  /// adds them to its `others`.
  std::vector<std::uint32_t> take_more(std::vector<OpenSlot>& destinations, std::uint32_t first);
  void give_back(std::uint32_t slot);
  /// Takes over from its parent in a forked child; true when there was a client.
  bool take_over(const SlotTable& parent, std::uint32_t slot);
  /// Begins to look for free slots where the parent would.
  void go_on(const SlotTable& parent) { next_ = parent.next_; }

  /// For the thread that opens or moves the client.
  [[nodiscard]] const OpenSlot& at(std::uint32_t slot) const { return *slots_[slot]; }
  void exchange(std::uint32_t slot, OpenSlot& open);

  /// What the exit must know of the clients, copied without an allocation.
  struct Open {
    std::array<bool, kClientSlots> is_open{};
    std::array<bool, kClientSlots> is_made_by_url{};  // or by another factory
    std::array<std::chrono::nanoseconds, kClientSlots> limits{};
  };
  [[nodiscard]] Open open() const;
  /// Around a fork: the tables of all engines.
  static void lock_for_fork() { mutex.lock(); }
  static void unlock_after_fork() { mutex.unlock(); }
  /// For messages to humans; cut after 256 bytes.
  [[nodiscard]] std::string logger_of(std::uint32_t slot) const;

 private:
  std::uint32_t find_free();
  /// Under the mutex. `taken` has room for the slots.
  bool take_each(std::vector<OpenSlot>& destinations, std::vector<std::uint32_t>& taken);

  // Of all tables, so that a fork finds none of them half changed.
  static inline constinit std::mutex mutex;
  std::array<std::optional<OpenSlot>, kClientSlots> slots_;
  std::uint32_t next_ = 0;
};

}  // namespace metlog
