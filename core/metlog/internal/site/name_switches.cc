#include "metlog/internal/site/name_switches.h"

#include <functional>

namespace metlog {
namespace {

std::size_t hash_of(std::string_view name) { return std::hash<std::string_view>()(name); }

}  // namespace

NameSwitches::~NameSwitches() {
  for (const std::atomic<Entry*>& bucket : buckets_) {
    // relaxed: no other thread uses it any more
    for (Entry* entry = bucket.load(std::memory_order_relaxed); entry != nullptr;) {
      Entry* const next = entry->next;
      delete entry;
      entry = next;
    }
  }
}

NameSwitches::Entry* NameSwitches::find(std::string_view name) const {
  // acquire: pairs with the release in switch_one()
  Entry* entry = buckets_[hash_of(name) % kBuckets].load(std::memory_order_acquire);
  while (entry != nullptr && entry->name != name) entry = entry->next;
  return entry;
}

bool NameSwitches::is_off(std::string_view name) const {
  const Entry* const entry = find(name);
  // relaxed: a switch; a call that misses a change was concurrent with it
  return entry != nullptr && entry->is_off.load(std::memory_order_relaxed);
}

std::vector<std::string> NameSwitches::off() const {
  std::vector<std::string> names;
  for (const std::atomic<Entry*>& bucket : buckets_) {
    // acquire: pairs with the release in switch_one()
    const Entry* entry = bucket.load(std::memory_order_acquire);
    for (; entry != nullptr; entry = entry->next) {
      if (entry->is_off.load(std::memory_order_relaxed)) names.push_back(entry->name);  // as above
    }
  }
  return names;
}

void NameSwitches::set(std::string_view name, bool is_off) {
  const std::lock_guard lock(mutex_);
  switch_one(name, is_off);
}

void NameSwitches::switch_one(std::string_view name, bool is_off) {
  if (Entry* const entry = find(name); entry != nullptr) {
    entry->is_off.store(is_off, std::memory_order_relaxed);  // relaxed: a switch
    return;
  }
  if (!is_off) return;
  std::atomic<Entry*>& bucket = buckets_[hash_of(name) % kBuckets];
  // relaxed: only holders of the mutex store it
  auto* const entry = new Entry{std::string(name), true, bucket.load(std::memory_order_relaxed)};
  // release: pairs with the acquires in find() and off(); they find the entry complete
  bucket.store(entry, std::memory_order_release);
}

void NameSwitches::switch_all_on() {
  for (const std::atomic<Entry*>& bucket : buckets_) {
    // relaxed, both: the mutex orders the stores; a switch
    Entry* entry = bucket.load(std::memory_order_relaxed);
    for (; entry != nullptr; entry = entry->next) {
      entry->is_off.store(false, std::memory_order_relaxed);
    }
  }
}

}  // namespace metlog
