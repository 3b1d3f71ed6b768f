#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <mutex>
#include <string_view>
#include <vector>

#include "metlog/internal/base/reentrant_mutex.h"

namespace metlog {

/// A set of names that are off; all others are on. Any thread may read, without a lock, and any
/// thread may switch. Switching costs the same for any number of names. A name that is switched on
/// is forgotten: memory is taken for as many names as were ever off together, some 200 bytes each.
///
/// A name is stored as a fingerprint of 128 bits, made with random numbers of this object: two of a
/// million names have the same one with a probability of 2^-88.
///
/// The fingerprints are in a table with linear probing. Switching a name stores one slot. When half
/// of the slots are used, a writer fills another table and publishes that. Tables are kept, for
/// readers may still be in them, and used again; a reader sees by `version_` that another was
/// published, and then reads again. So a reader never waits, also in a forked child.
///
/// Each thread remembers its last answers together with the generation of the set, which every
/// switch changes: a name that is asked for again costs a comparison, not a look-up.
class NameSwitches {
 public:
  NameSwitches();
  NameSwitches(const NameSwitches&) = delete;
  NameSwitches& operator=(const NameSwitches&) = delete;

  [[nodiscard]] bool is_off(std::string_view name) const;
  /// True when no name is off.
  [[nodiscard]] bool is_empty() const;

  /// Returns the number of slots of all tables. Not while another thread switches.
  [[nodiscard]] std::size_t slot_count() const;

  void set(std::string_view name, bool is_off);
  /// Switches exactly these names off and all others on.
  template <class List>
  void assign(const List& names) {
    std::vector<std::string_view> off;
    off.reserve(static_cast<std::size_t>(std::distance(std::begin(names), std::end(names))));
    for (const auto& name : names) off.emplace_back(name);
    assign_all(off);
  }

 private:
  struct Fingerprint {
    std::uint64_t one;  // above kRemoved
    std::uint64_t two;
  };
  // Values of Slot::one.
  static constexpr std::uint64_t kFree = 0;
  static constexpr std::uint64_t kRemoved = 1;
  struct Slot {
    std::atomic<std::uint64_t> one{kFree};
    std::atomic<std::uint64_t> two{0};
  };
  struct Table {
    explicit Table(std::size_t slot_count) : slots(slot_count), mask(slot_count - 1) {}
    std::vector<Slot> slots;  // a power of two
    const std::size_t mask;   // of an index
    std::size_t used = 0;     // slots that are not free; under the mutex
  };

  /// Searches the table, and remembers the answer.
  [[nodiscard]] bool look_up(std::string_view name) const;
  [[nodiscard]] bool is_in_table(const Fingerprint& name) const;
  [[nodiscard]] Fingerprint fingerprint_of(std::string_view name) const;
  /// Returns the slot of a fingerprint, else the free slot where the search ended.
  static const Slot& find(const Table& table, const Fingerprint& name);
  void assign_all(const std::vector<std::string_view>& names);
  // All under the mutex. Only insert() and spare_for() allocate, and the program's allocator may
  // switch names then.
  [[nodiscard]] Table& current() const;
  void insert(const Fingerprint& name);
  static void clear(Table& table);
  static void put(Table& table, const Fingerprint& name);
  void publish(const Table& table);
  /// After each switch.
  void begin_generation();
  /// Returns a table with room for that many names that no new reader is in.
  Table& spare_for(std::size_t names);

  ReentrantMutex mutex_;     // held while switching
  std::list<Table> tables_;  // guarded by the mutex
  const std::array<std::uint64_t, 4> seeds_;
  std::atomic<const Table*> table_;        // one of tables_
  std::atomic<std::uint64_t> version_{0};  // of table_
  std::atomic<std::size_t> count_{0};      // of names that are off
  std::atomic<std::uint64_t> generation_;  // of the set; no other set ever has the same
};

}  // namespace metlog
