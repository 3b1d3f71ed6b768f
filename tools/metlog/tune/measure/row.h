#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/metlog/tune/measure/machine.h"
#include "tools/metlog/tune/measure/point.h"
#include "tools/metlog/tune/measure/receiver.h"

namespace metlog {

/// The reason why a figure means nothing.
enum class Fault : std::uint8_t {
  kNone,
  kLost,         // messages were lost on the way
  kNoReader,     // there was no receiver
  kDiskFull,     // the file's disk was full
  kRate,         // the rate asked for was not held
  kUnconfirmed,  // the destination never confirmed that it has everything
  kUnavailable,  // the URL was refused
  kBroken,       // the measuring process died, hung or reported nonsense
};
/// Its name in JSON: "ok", "lost", "no_reader", ...
std::string_view name_of(Fault fault);

/// The measurements of one process, with the account of its messages:
/// emitted == delivered + lost.total() + not_arrived.
struct Phase {
  Fault fault = Fault::kNone;
  std::string remark;  // shown in place of a figure: "lost 12 % (ring_full 1,204)"
  std::uint64_t emitted = 0;
  std::uint64_t delivered = 0;
  LossCounts lost;
  std::uint64_t not_arrived = 0;  // left the process and was not received
  double seconds = 0;
  double cpu_s = 0;
  std::uint64_t peak_rss_bytes = 0;

  [[nodiscard]] bool is_clean() const { return fault == Fault::kNone; }
  [[nodiscard]] double per_second() const {
    return seconds > 0 ? static_cast<double>(delivered) / seconds : 0;
  }
  [[nodiscard]] double cpu_us_per_message() const {
    return delivered > 0 ? 1e6 * cpu_s / static_cast<double>(delivered) : 0;
  }
  [[nodiscard]] double lost_share() const {
    return emitted > 0 ? 1 - static_cast<double>(delivered) / static_cast<double>(emitted) : 0;
  }
};

/// One line of the table.
struct Row {
  Axis axis = Axis::kConfirm;
  Setting setting;
  Phase latency;
  Phase throughput;
  Phase units;
  Percentiles burst;
  Percentiles single;
  HostCost cost;
  double empty_ns = 0;
  CoreDistance before;
  CoreDistance after;

  /// True for a row that may win.
  [[nodiscard]] bool is_clean() const { return faulty() == nullptr; }
  [[nodiscard]] Fault fault() const { return is_clean() ? Fault::kNone : faulty()->fault; }
  [[nodiscard]] std::string remark() const { return is_clean() ? "" : faulty()->remark; }

 private:
  /// The first phase at fault; null when none is.
  [[nodiscard]] const Phase* faulty() const {
    for (const Phase* const phase : {&throughput, &latency, &units}) {
      if (!phase->is_clean()) return phase;
    }
    return nullptr;
  }
};

/// Turns a report into a phase. `arrival` is empty where only the ledger says what was delivered.
Phase judge(const PointOptions& asked, const PointReport& report,
            const std::optional<Arrival>& arrival);
/// Returns a phase without figures.
Phase failed_phase(Fault fault, std::string remark);

/// Formats a share of lost messages: "12 %"; never 0 % for a loss, nor 100 % for less than all.
std::string share_text(double share);

}  // namespace metlog
