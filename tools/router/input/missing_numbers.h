#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace metlog {

/// Numbers that follow each other, in a stream of numbered messages.
struct NumberRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;

  friend bool operator==(const NumberRange&, const NumberRange&) = default;
};

/// Which numbers of a stream have not arrived: ranges in the order of the numbers. What comes late
/// is taken out again. Keeps the first kFirst ranges and the last kLast ones, so that its memory is
/// bounded; of those between, only how many numbers they were is known. Used by one thread.
class MissingNumbers {
 public:
  static constexpr std::size_t kFirst = 16;
  static constexpr std::size_t kLast = 48;

  /// Adds numbers after all that were added before; the count is not 0.
  void add(NumberRange skipped);

  /// What is known of numbers that came after higher ones.
  struct Late {
    std::uint64_t found = 0;     // that were missing, and are not any more
    std::uint64_t repeated = 0;  // that had come before
    std::uint64_t unknown = 0;   // one or the other: the ranges there are not kept
  };
  /// Takes out the numbers that came late.
  Late take(NumberRange came);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// Returns how many missing numbers are `from` or higher; those in ranges that are not kept count
  /// when any of them may be.
  [[nodiscard]] std::uint64_t count_from(std::uint64_t from) const;
  /// Returns the first ranges, kFirst at most.
  [[nodiscard]] std::vector<NumberRange> first_ranges() const;

 private:
  /// Takes [begin, end) out of the i-th range; returns how many numbers of it were there.
  std::uint64_t take_from(std::size_t i, std::uint64_t begin, std::uint64_t end);
  void limit();

  std::vector<NumberRange> ranges_;
  std::size_t first_kept_ = 0;      // of ranges_: before those that are not kept
  std::uint64_t count_ = 0;         // saturates, as the next one
  std::uint64_t unkept_count_ = 0;  // numbers of ranges that are not kept
  std::uint64_t unkept_begin_ = 0;  // these lie in [begin, end)
  std::uint64_t unkept_end_ = 0;
};

}  // namespace metlog
