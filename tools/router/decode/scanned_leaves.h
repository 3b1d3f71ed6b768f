#pragma once

#include <array>
#include <cstddef>

namespace metlog {

/// The values of a scanned text that may change and hold no others, in their order.
class ScannedLeaves {
 public:
  ScannedLeaves() {}  // not defaulted: that would fill the array

  static constexpr std::size_t kMost = 24;

  struct Leaf {
    const char* begin;
    const char* end;
  };

  void note(const char* begin, const char* end) {
    if (count_ < kMost) leaves_[count_] = {begin, end};
    ++count_;
  }
  /// Whether all of them are here; there were too many otherwise.
  [[nodiscard]] bool are_all() const { return count_ <= kMost; }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] const Leaf& operator[](std::size_t i) const { return leaves_[i]; }

 private:
  std::array<Leaf, kMost> leaves_;
  std::size_t count_ = 0;
};

}  // namespace metlog
