#pragma once

#include <cstdint>

#include "tools/router/input/sequence_table.h"
#include "tools/router/session_ledger.h"
#include "tools/router/stats_report.h"

namespace metlog {

/// Compares what a client says of a stream of numbered messages with what has come of it. A missing
/// number was lost by the client or on the way; the client says how many it has lost among those
/// that are settled, but not which. Used by one thread.
class StreamCheck {
 public:
  explicit StreamCheck(std::uint32_t number) { claim_.number = number; }

  /// Takes what the client says now. `was_here`: this router received already when the stream
  /// began. `arrivals` may be null: nothing has come.
  void note(const StatsReport::Stream& claim, bool was_here,
            const SequenceTable::Arrivals* arrivals);

  struct Result {
    StreamLedger ledger;
    std::uint64_t lost_on_way = 0;
    std::uint64_t undecided = 0;  // missing; lost on the way, or by the client
  };
  /// `is_closed`: the client has sent its last message, so what is not here is missing.
  [[nodiscard]] Result result(bool is_closed, const SequenceTable::Arrivals* arrivals) const;

  [[nodiscard]] const StatsReport::Stream& claim() const { return claim_; }
  [[nodiscard]] bool began_here() const { return began_here_; }

 private:
  struct Missing {
    std::uint64_t begin = 0;    // smaller numbers were before this router's time
    std::uint64_t settled = 0;  // the client has sent or lost them
    std::uint64_t open = 0;
  };
  [[nodiscard]] Missing missing(bool is_closed, const SequenceTable::Arrivals* arrivals) const;

  StatsReport::Stream claim_;  // the latest
  bool began_here_ = true;
  // Of a stream that began before: what there was when the client first spoke of numbers that this
  // router has seen. Losses in it cannot be told apart.
  bool has_base_ = false;
  std::uint64_t base_lost_ = 0;
  std::uint64_t base_missing_ = 0;
};

}  // namespace metlog
