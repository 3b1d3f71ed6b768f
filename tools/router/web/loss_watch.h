#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/router/router_ledger.h"

namespace metlog {

/// What was lost, where, why, and since when: a count of the ledger that is not 0.
struct LossRow {
  std::string where;        // "output errors", "input udp://127.0.0.1:5565", "clients", ...
  std::string why;          // a reason of the ledger: "queue_full", "not_json", "kernel_drops", ...
  std::uint64_t count = 0;  // of messages; of frames for an input's and for damaged ones
  std::int64_t first_utc_ns = 0;  // when the count was first seen not to be 0
  std::int64_t last_utc_ns = 0;   // when it was last seen to have grown
  std::string detail = {};  // for a person: the last error of an output, the name of a program
};

/// Follows a router's ledger, so that each of its losses has its times. It looks as often as it is
/// called, so a time may be late by that. Keeps at most kMaxRows; further places are left out until
/// others are no longer in the ledger. Used by one thread.
class LossWatch {
 public:
  static constexpr std::size_t kMaxRows = 1000;

  void look(const RouterLedger& ledger, std::int64_t utc_ns);

  /// The rows of the last look(), those that grew last first.
  [[nodiscard]] const std::vector<LossRow>& rows() const { return rows_; }

 private:
  struct Times {
    std::uint64_t count = 0;
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::uint64_t look = 0;  // that saw it last
  };

  void note(const std::string& where, std::string_view why, std::uint64_t count,
            const std::string& detail = {});
  void note_outputs(const RouterLedger& ledger);
  void note_inputs(const RouterLedger& ledger);
  void note_sessions(const SessionsLedger& sessions);

  std::map<std::pair<std::string, std::string>, Times> times_;
  std::vector<LossRow> rows_;
  std::int64_t now_ = 0;
  std::uint64_t looks_ = 0;
};

/// "output NAME", or its URL when it has no name.
std::string place_of(const OutputLedger& output);
std::string place_of(const InputLedger& input);

}  // namespace metlog
