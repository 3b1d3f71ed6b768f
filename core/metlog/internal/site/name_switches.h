#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace metlog {

/// Names, each of which is on or off; a name that was never heard of is on. Asking takes no lock
/// and may come from any thread, and so may switching. A name that was ever switched off is
/// remembered for as long as the object lives, so memory is bounded by the number of such names.
class NameSwitches {
 public:
  NameSwitches() = default;
  ~NameSwitches();
  NameSwitches(const NameSwitches&) = delete;
  NameSwitches& operator=(const NameSwitches&) = delete;

  [[nodiscard]] bool is_off(std::string_view name) const;
  /// The names that are off, in no order.
  [[nodiscard]] std::vector<std::string> off() const;

  void set(std::string_view name, bool is_off);
  /// Exactly these are off from now on.
  template <class List>
  void assign(const List& names) {
    const std::lock_guard lock(mutex_);
    switch_all_on();
    for (const auto& name : names) switch_one(name, true);
  }

 private:
  // Once published it stays where it is; `is_off` alone changes.
  struct Entry {
    const std::string name;
    std::atomic<bool> is_off;
    Entry* const next;
  };

  [[nodiscard]] Entry* find(std::string_view name) const;
  void switch_one(std::string_view name, bool is_off);
  void switch_all_on();

  static constexpr std::size_t kBuckets = 64;
  std::mutex mutex_;  // of those who switch
  std::array<std::atomic<Entry*>, kBuckets> buckets_{};
};

}  // namespace metlog
