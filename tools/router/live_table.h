#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tools/router/router_ledger.h"

namespace metlog {

/// Counts of messages by type, logger and severity, and their rates over the last interval.
/// Names are cut at kMaxNameBytes; once kMaxKeys combinations are known, further ones are counted
/// together as __other__, so that no peer can fill our memory. Used by one thread.
class LiveTable {
 public:
  static constexpr std::size_t kMaxKeys = 10'000;
  static constexpr std::size_t kMaxNameBytes = 80;

  struct Style {
    std::size_t width = 80;  // characters a line may take
    std::size_t rows = 20;   // the busiest are shown
    bool colours = false;
  };

  LiveTable();
  ~LiveTable();

  void add(std::string_view type, std::string_view logger, std::int64_t severity);
  /// Ends an interval of so many seconds (> 0), at whose end `messages` have been received in all.
  void end_interval(double seconds, std::uint64_t messages);

  /// The table, a line a row, busiest first, below what the ledger says. Safe for a terminal.
  [[nodiscard]] std::string render(const RouterLedger& ledger, const Style& style) const;
  /// The same in one line, with the three busiest; for what is not a terminal.
  [[nodiscard]] std::string render_line(const RouterLedger& ledger) const;

 private:
  struct Counts;  // a hash map, kept out of this header

  const std::unique_ptr<Counts> counts_;
  std::uint64_t messages_before_ = 0;
  double per_second_ = 0;
};

}  // namespace metlog
