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

std::uint64_t next_generation() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;  // relaxed: only uniqueness matters
}

/// A name of 4 to 32 bytes, of which overlapping words name all; compared without a call.
struct ShortName {
  static bool fits(std::string_view name) { return name.size() - 4 <= 28; }
  [[gnu::always_inline]] explicit ShortName(std::string_view name) {
    const char* const at = name.data();
    size = name.size();
    if (size < 8) {
      words[0] = word_at<std::uint32_t>(at);
      words[1] = word_at<std::uint32_t>(at + size - 4);
      return;
    }
    words[0] = word_at<std::uint64_t>(at);
    words[1] = word_at<std::uint64_t>(at + size - 8);
    if (size <= 16) return;
    words[2] = word_at<std::uint64_t>(at + 8);
    words[3] = word_at<std::uint64_t>(at + size - 16);
  }
  constexpr ShortName() = default;
  [[gnu::always_inline]] bool operator==(const ShortName& other) const {
    const std::uint64_t differs = (size ^ other.size) | (words[0] ^ other.words[0]) |
                                  (words[1] ^ other.words[1]) | (words[2] ^ other.words[2]) |
                                  (words[3] ^ other.words[3]);
    return differs == 0;
  }

  std::uint64_t size = 0;
  std::uint64_t words[4] = {};
};

/// What a thread was answered; a cache line.
struct alignas(64) Answer {
  std::uint64_t generation = 0;
  ShortName name;
  bool is_off = false;
};
constexpr std::size_t kAnswers = 4;
[[gnu::tls_model("initial-exec")]] constinit thread_local Answer t_answers[kAnswers];

/// The names of a thread are at different places as a rule.
Answer& answer_for(std::string_view name) {
  return t_answers[reinterpret_cast<std::uintptr_t>(name.data()) / 8 % kAnswers];
}

}  // namespace

NameSwitches::NameSwitches()
    : seeds_(random_words()),
      table_(&tables_.emplace_back(kFewestSlots)),
      generation_(next_generation()) {}

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
    // acquire, both: pair with the releases in put(); the load of version_ comes after them
    const std::uint64_t one = slot.one.load(std::memory_order_acquire);
    if (one == kFree) return slot;
    if (one == name.one && slot.two.load(std::memory_order_acquire) == name.two) return slot;
  }
}

bool NameSwitches::is_off(std::string_view name) const {
  if (!ShortName::fits(name)) return look_up(name);
  // relaxed: a switch. What counts is what look_up() saw when it read this generation
  const std::uint64_t generation = generation_.load(std::memory_order_relaxed);
  const Answer& answer = answer_for(name);
  if (answer.generation == generation && answer.name == ShortName(name)) [[likely]] {
    return answer.is_off;
  }
  return look_up(name);
}

// Not inlined, so that a remembered answer needs no stack frame.
[[gnu::noinline]] bool NameSwitches::look_up(std::string_view name) const {
  // acquire: pairs with the release in begin_generation(), so that the search sees all switches
  // that came before this generation; at worst the answer is remembered for one that is over
  const std::uint64_t generation = generation_.load(std::memory_order_acquire);
  const bool is_off = !is_empty() && is_in_table(fingerprint_of(name));
  if (ShortName::fits(name)) answer_for(name) = {generation, ShortName(name), is_off};
  return is_off;
}

bool NameSwitches::is_in_table(const Fingerprint& name) const {
  while (true) {
    // acquire, both: pair with the releases in publish()
    const std::uint64_t version = version_.load(std::memory_order_acquire);
    const Table& table = *table_.load(std::memory_order_acquire);
    // acquire: pairs with the release in put()
    const bool is_found = find(table, name).one.load(std::memory_order_acquire) == name.one;
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
  for (const Table& table : tables_) count += table.slots.size();
  return count;
}

NameSwitches::Table& NameSwitches::current() const {
  // relaxed: only holders of the mutex store it
  return const_cast<Table&>(*table_.load(std::memory_order_relaxed));
}

void NameSwitches::set(std::string_view name, bool is_off) {
  const Fingerprint print = fingerprint_of(name);
  const std::lock_guard lock(mutex_);
  if (is_off) return insert(print);
  Slot& slot = const_cast<Slot&>(find(current(), print));
  if (slot.one.load(std::memory_order_relaxed) == kFree) return;  // relaxed: as in current()
  slot.one.store(kRemoved, std::memory_order_release);            // as in put()
  count_.store(count_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);  // a switch
  begin_generation();
}

void NameSwitches::begin_generation() {
  // release: pairs with the acquire in is_off()
  generation_.store(next_generation(), std::memory_order_release);
}

void NameSwitches::insert(const Fingerprint& name) {
  while (true) {
    Table& table = current();
    // relaxed, all: as in current()
    if (find(table, name).one.load(std::memory_order_relaxed) != kFree) return;
    const std::size_t count = count_.load(std::memory_order_relaxed);
    if ((table.used + 1) * 2 <= table.slots.size()) {
      put(table, name);
      count_.store(count + 1, std::memory_order_relaxed);
      return begin_generation();
    }
    Table& next = spare_for(count + 1);
    // The allocator may have switched names meanwhile.
    if (&table != &current() || count != count_.load(std::memory_order_relaxed)) continue;
    clear(next);
    for (const Slot& slot : table.slots) {
      const std::uint64_t one = slot.one.load(std::memory_order_relaxed);
      if (one > kRemoved) put(next, {one, slot.two.load(std::memory_order_relaxed)});
    }
    publish(next);
  }
}

void NameSwitches::assign_all(const std::vector<std::string_view>& names) {
  std::vector<Fingerprint> prints;
  prints.reserve(names.size());
  for (const std::string_view name : names) prints.push_back(fingerprint_of(name));
  const std::lock_guard lock(mutex_);
  if (prints.empty() && is_empty()) return;
  Table& next = spare_for(prints.size());
  clear(next);
  for (const Fingerprint& print : prints) put(next, print);
  publish(next);
}

// release, all: pair with the acquires in find(), for readers that are still in this table
void NameSwitches::clear(Table& table) {
  for (Slot& slot : table.slots) slot.one.store(kFree, std::memory_order_release);
  table.used = 0;
}

void NameSwitches::put(Table& table, const Fingerprint& name) {
  Slot& slot = const_cast<Slot&>(find(table, name));
  if (slot.one.load(std::memory_order_relaxed) != kFree) return;  // given twice
  ++table.used;
  // release, both: pair with the acquires in find(); `one` is last, for it makes the slot visible
  slot.two.store(name.two, std::memory_order_release);
  slot.one.store(name.one, std::memory_order_release);
}

void NameSwitches::publish(const Table& table) {
  // release, both: pair with the acquires in is_off(); the table is complete
  table_.store(&table, std::memory_order_release);
  // relaxed, both: only holders of the mutex store the version; the count is a switch
  version_.store(version_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  count_.store(table.used, std::memory_order_relaxed);
  begin_generation();
}

NameSwitches::Table& NameSwitches::spare_for(std::size_t names) {
  std::size_t slots = kFewestSlots;
  while (slots < 4 * names) slots *= 2;  // so that as many names again fit before the next table
  while (true) {
    for (Table& table : tables_) {
      if (&table != &current() && table.slots.size() == slots) return table;
    }
    std::list<Table> made;
    made.emplace_back(slots);  // the allocator may come back here, so the list is not touched yet
    tables_.splice(tables_.end(), made);
  }
}

}  // namespace metlog
