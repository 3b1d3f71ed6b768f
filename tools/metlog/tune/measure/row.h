#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/metlog/tune/measure/machine.h"
#include "tools/metlog/tune/measure/point.h"
#include "tools/metlog/tune/measure/receiver.h"

namespace metlog {

/// Why a number would mean nothing.
enum class Fault : std::uint8_t {
  kNone,
  kLost,         // messages were lost on the way
  kNoReader,     // nobody took what was sent
  kDiskFull,     // the file's disk took no more
  kRate,         // the rate asked for was not held
  kUnconfirmed,  // the destination never said that it has everything
  kUnavailable,  // this URL is refused here
  kBroken,       // the measuring process died, hung or talked nonsense
};
/// As it stands in JSON: "ok", "lost", "no_reader", ...
std::string_view name_of(Fault fault);

/// What one process measured, with what became of its messages:
/// emitted == delivered + lost.total() + not_arrived.
struct Phase {
  Fault fault = Fault::kNone;
  std::string remark;  // what stands in place of a number: "lost 12 % (ring_full 1,204)"
  std::uint64_t emitted = 0;
  std::uint64_t delivered = 0;
  LossCounts lost;
  std::uint64_t not_arrived = 0;  // left this process, and nobody received it
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
  Percentiles burst;
  Percentiles single;
  double empty_ns = 0;
  CoreDistance before;
  CoreDistance after;

  /// Only such a row may win.
  [[nodiscard]] bool is_clean() const { return latency.is_clean() && throughput.is_clean(); }
  [[nodiscard]] Fault fault() const {
    return throughput.is_clean() ? latency.fault : throughput.fault;
  }
  [[nodiscard]] const std::string& remark() const {
    return throughput.is_clean() ? latency.remark : throughput.remark;
  }
};

/// What to make of a report. `arrival` is empty where the destination's word is all there is.
Phase judge(const PointOptions& asked, const PointReport& report,
            const std::optional<Arrival>& arrival);
/// A phase of which nothing is known but this.
Phase failed_phase(Fault fault, std::string remark);

/// "lost 12 %": two digits at least, never 0 % for a loss nor 100 % for less than all.
std::string share_text(double share);

}  // namespace metlog
