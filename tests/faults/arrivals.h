#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/faults/oracle.h"

namespace metlog {

/// The payload of a call: a keyed function of its lane and number, so that a gap, a duplicate, a
/// change of order, and a byte that is missing or wrong each show. 30 bytes and `padding` more.
std::string keyed_payload(unsigned lane, std::uint64_t number, std::size_t padding = 0);

/// Judges what has arrived of a program's keyed calls, in JSON, against its oracle: every call that
/// has returned is there once, whole and in its lane's order, or a metlog.loss message at its place
/// counts it; nothing else is there but the call in flight. A call with a field `in` has the number
/// of the field `round` of its context there; 0 for none.
class Arrivals {
 public:
  /// Takes the messages, each with its newline.
  explicit Arrivals(std::string_view lines);

  /// Returns what is wrong, empty for nothing. `unreported` losses may be missing at the end
  /// without a message: calls that were refused, and whose mark the program had not written yet.
  [[nodiscard]] std::string fault(const Oracle& oracle, std::uint64_t unreported = 0) const;

  /// The same where losses are told later than at their place, as those of a sender are: how many
  /// are missing must be what the metlog.loss messages tell, no more and no less.
  [[nodiscard]] std::string counted_fault(const Oracle& oracle) const;

  /// Calls, and those that metlog.loss messages count, of a lane or of all.
  [[nodiscard]] std::uint64_t calls(unsigned lane) const { return lanes_.at(lane).calls; }
  [[nodiscard]] std::uint64_t calls() const;
  [[nodiscard]] std::uint64_t losses() const;
  [[nodiscard]] std::uint64_t deaths() const { return deaths_; }
  /// Beginnings of lines that nobody could take back, and that end by ` [cut]`. They do not count.
  [[nodiscard]] std::uint64_t cuts() const { return cuts_; }

 private:
  struct Lane {
    std::uint64_t next = 0;   // the number after the last call
    std::uint64_t calls = 0;  // that are there
    std::uint64_t lost = 0;   // that messages count
    std::uint64_t gap = 0;    // of these, after the last call
  };
  void take(std::string_view line);
  void take_call(std::string_view payload);

  std::array<Lane, Oracle::kLanes> lanes_{};
  std::uint64_t deaths_ = 0;
  std::uint64_t cuts_ = 0;
  std::string fault_;      // the first
  std::string gap_fault_;  // the first gap that is not told at its place
};

}  // namespace metlog
