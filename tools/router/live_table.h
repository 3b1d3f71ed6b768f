#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/router/router_ledger.h"

namespace metlog {

/// Counts messages by type, logger and severity, with their rates over the last interval. Names are
/// cut at kMaxNameBytes; beyond kMaxKeys combinations further ones are counted together as
/// __other__, so that no peer can fill the memory. Used by one thread.
class LiveTable {
 public:
  static constexpr std::size_t kMaxKeys = 10'000;
  static constexpr std::size_t kMaxNameBytes = 80;

  struct Style {
    std::size_t width = 80;  // the maximum length of a line, in characters
    std::size_t rows = 20;   // the maximum number of rows; the busiest are shown
    bool colours = false;
  };

  LiveTable();
  ~LiveTable();

  /// Counts one message.
  void add(std::string_view type, std::string_view logger, std::int64_t severity);
  /// Ends an interval of `seconds` (> 0); `messages` is the number received since the start.
  void end_interval(double seconds, std::uint64_t messages);

  /// What was counted of a type, logger and severity; -1 for the severity of __other__.
  struct Row {
    std::string type;
    std::string logger;
    std::int64_t severity = 0;
    std::uint64_t total = 0;
    double per_second = 0;  // in the last interval
  };
  /// Returns up to `max_rows` of them, the busiest first.
  [[nodiscard]] std::vector<Row> busiest(std::size_t max_rows) const;
  /// Messages received in the last interval.
  [[nodiscard]] double per_second() const { return per_second_; }

  /// Returns the ledger's totals and below them the table, the busiest row first. Control
  /// characters are escaped.
  [[nodiscard]] std::string render(const RouterLedger& ledger, const Style& style) const;
  /// Returns the totals and the three busiest rows in one line, for a stream that is not a
  /// terminal.
  [[nodiscard]] std::string render_line(const RouterLedger& ledger) const;

 private:
  struct Counts;  // has a hash map

  const std::unique_ptr<Counts> counts_;
  std::uint64_t messages_before_ = 0;
  double per_second_ = 0;
};

}  // namespace metlog
