#include "metlog/internal/site/name_switches.h"

#include <bit>
#include <cstring>

#include "metlog/internal/base/random_id.h"

namespace metlog {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::size_t kFewestSlots = 16;

template <class Word>
std::uint64_t word_at(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

std::array<std::uint64_t, 4> random_words() {
  const std::array<std::array<std::uint8_t, 16>, 2> bytes{random_id(), random_id()};
  return std::bit_cast<std::array<std::uint64_t, 4>>(bytes);
}

// The two halves of the product, which depends on all bits of both factors.
std::uint64_t fold(std::uint64_t one, std::uint64_t two) {
  const Wide product = Wide{one} * two;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

NameSwitches::NameSwitches()
    : seeds_(random_words()),
      table_(tables_.emplace_back(std::make_unique<Table>(kFewestSlots)).get()) {}

[[gnu::always_inline]] inline NameSwitches::Fingerprint NameSwitches::fingerprint_of(
    std::string_view name) const {
  const char* at = name.data();
  std::size_t left = name.size();
  Fingerprint print{seeds_[0] ^ left, seeds_[1]};
  const auto mix = [&](std::uint64_t first, std::uint64_t second) {
    const std::uint64_t one = fold(first ^ print.one, second ^ seeds_[2]);
    print.two = fold(first ^ seeds_[3], second ^ print.two);
    print.one = one;
  };
  for (; left > 16; at += 16, left -= 16) {
    mix(word_at<std::uint64_t>(at), word_at<std::uint64_t>(at + 8));
  }
  // The last words overlap; together with the length they still name all bytes.
  if (left >= 8) {
    mix(word_at<std::uint64_t>(at), word_at<std::uint64_t>(at + left - 8));
  } else if (left >= 4) {
    mix(word_at<std::uint32_t>(at), word_at<std::uint32_t>(at + left - 4));
  } else if (left != 0) {
    mix(word_at<std::uint8_t>(at) | word_at<std::uint8_t>(at + left / 2) << 8,
        word_at<std::uint8_t>(at + left - 1));
  }
  if (print.one <= kRemoved) print.one += 2;
  return print;
}

[[gnu::always_inline]] inline const NameSwitches::Slot& NameSwitches::find(
    const Table& table, const Fingerprint& name) {
  const Slot* const slots = table.slots.data();
  for (std::size_t i = name.two & table.mask;; i = (i + 1) & table.mask) {
    const Slot& slot = slots[i];
    // acquire, both: pair with the releases in insert(); the load of version_ comes after them
    const std::uint64_t one = slot.one.load(std::memory_order_acquire);
    if (one == kFree) return slot;
    if (one == name.one && slot.two.load(std::memory_order_acquire) == name.two) return slot;
  }
}

bool NameSwitches::is_off(std::string_view name) const {
  if (is_empty()) return false;
  const Fingerprint print = fingerprint_of(name);
  while (true) {
    // acquire, both: pair with the releases in publish()
    const std::uint64_t version = version_.load(std::memory_order_acquire);
    const Table& table = *table_.load(std::memory_order_acquire);
    // acquire: pairs with the release in insert()
    const bool is_found = find(table, print).one.load(std::memory_order_acquire) == print.one;
    // relaxed: find() has acquired what it read. If that was of a table that is used again, this
    // load sees the version under which it was.
    if (version_.load(std::memory_order_relaxed) == version) return is_found;
  }
}

bool NameSwitches::is_empty() const {
  return count_.load(std::memory_order_relaxed) == 0;  // relaxed: a switch
}

std::size_t NameSwitches::slot_count() const {
  std::size_t count = 0;
  for (const std::unique_ptr<Table>& table : tables_) count += table->slots.size();
  return count;
}

void NameSwitches::set(std::string_view name, bool is_off) {
  const Fingerprint print = fingerprint_of(name);
  const std::lock_guard lock(mutex_);
  // relaxed, all: only holders of the mutex store them, or a switch
  const Table& table = *table_.load(std::memory_order_relaxed);
  const std::size_t count = count_.load(std::memory_order_relaxed);
  Slot& slot = const_cast<Slot&>(find(table, print));
  const bool was_off = slot.one.load(std::memory_order_relaxed) != kFree;
  if (was_off == is_off) return;
  if (is_off) {
    insert(print);
  } else {
    slot.one.store(kRemoved, std::memory_order_release);  // as in insert()
  }
  count_.store(is_off ? count + 1 : count - 1, std::memory_order_relaxed);
}

void NameSwitches::insert(const Fingerprint& name) {
  // relaxed: only holders of the mutex store it
  auto& table = const_cast<Table&>(*table_.load(std::memory_order_relaxed));
  Slot& slot = const_cast<Slot&>(find(table, name));
  if ((table.used + 1) * 2 > table.slots.size()) {
    std::vector<Fingerprint> names{name};
    for (const Slot& other : table.slots) {
      // relaxed, both: as above
      const std::uint64_t one = other.one.load(std::memory_order_relaxed);
      if (one > kRemoved) names.push_back({one, other.two.load(std::memory_order_relaxed)});
    }
    return publish(names);
  }
  ++table.used;
  // release, both: pair with the acquires in find(); `one` is last, for it makes the slot visible
  slot.two.store(name.two, std::memory_order_release);
  slot.one.store(name.one, std::memory_order_release);
}

void NameSwitches::assign_all(const std::vector<std::string_view>& names) {
  std::vector<Fingerprint> prints;
  for (const std::string_view name : names) prints.push_back(fingerprint_of(name));
  const std::lock_guard lock(mutex_);
  if (prints.empty() && is_empty()) return;
  publish(prints);
}

void NameSwitches::publish(const std::vector<Fingerprint>& names) {
  Table& next = spare_for(names.size());
  next.used = 0;
  // release, all: pair with the acquires in find(), for readers that are still in this table
  for (Slot& slot : next.slots) slot.one.store(kFree, std::memory_order_release);
  for (const Fingerprint& name : names) {
    Slot& slot = const_cast<Slot&>(find(next, name));
    if (slot.one.load(std::memory_order_relaxed) != kFree) continue;  // given twice
    slot.two.store(name.two, std::memory_order_release);
    slot.one.store(name.one, std::memory_order_release);
    ++next.used;
  }
  // release, both: pair with the acquires in is_off(); the table is complete
  table_.store(&next, std::memory_order_release);
  // relaxed, both: only holders of the mutex store the version; the count is a switch
  version_.store(version_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  count_.store(next.used, std::memory_order_relaxed);
}

NameSwitches::Table& NameSwitches::spare_for(std::size_t names) {
  std::size_t slots = kFewestSlots;
  while (slots < 4 * names) slots *= 2;  // so that as many names again fit before the next table
  for (const std::unique_ptr<Table>& table : tables_) {
    // relaxed: only holders of the mutex store it
    const bool is_spare = table.get() != table_.load(std::memory_order_relaxed);
    if (is_spare && table->slots.size() == slots) return *table;
  }
  return *tables_.emplace_back(std::make_unique<Table>(slots));
}

}  // namespace metlog
