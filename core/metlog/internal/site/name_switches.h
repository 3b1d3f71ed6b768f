#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/base/reentrant_mutex.h"

namespace metlog {

/// A set of names that are off; all others are on. Any thread may read, without a lock, and any
/// thread may switch. A name that was ever switched off takes memory for as long as the object
/// lives.
class NameSwitches {
 public:
  NameSwitches() = default;
  ~NameSwitches();
  NameSwitches(const NameSwitches&) = delete;
  NameSwitches& operator=(const NameSwitches&) = delete;

  [[nodiscard]] bool is_off(std::string_view name) const;
  /// Returns the names that are off, in no particular order.
  [[nodiscard]] std::vector<std::string> off() const;

  void set(std::string_view name, bool is_off);
  /// Switches exactly these names off and all others on.
  template <class List>
  void assign(const List& names) {
    const std::lock_guard lock(mutex_);
    switch_all_on();
    for (const auto& name : names) switch_one(name, true);
  }

 private:
  // Never moves once published; only `is_off` changes.
  struct Entry {
    const std::string name;
    std::atomic<bool> is_off;
    Entry* const next;
  };

  [[nodiscard]] Entry* find(std::string_view name) const;
  void switch_one(std::string_view name, bool is_off);
  void switch_all_on();

  static constexpr std::size_t kBuckets = 64;
  ReentrantMutex mutex_;  // held while switching
  std::array<std::atomic<Entry*>, kBuckets> buckets_{};
};

}  // namespace metlog
