#include "tools/metlog/tune/measure/point_runner.h"

#include <unistd.h>

#include <chrono>
#include <utility>

#include "tools/metlog/tune/measure/child_process.h"
#include "tools/metlog/tune/measure/written_lines.h"

namespace metlog {
namespace {

// Opening, the handshake, a destination that is held on to, closing.
constexpr std::uint64_t kGraceMs = 5000;

void add_option(std::string& url, std::string_view option) {
  url += url.find('?') == std::string::npos ? '?' : '&';
  url += option;
}

}  // namespace

Row PointRunner::measure(const Setting& setting) {
  Row row;
  row.before = probe_core_distance();
  row.latency = measure_phase(Measure::kLatency, setting, row);
  // What cannot be opened will not be the second time either.
  const Fault fault = row.latency.fault;
  const bool is_hopeless = fault == Fault::kUnavailable || fault == Fault::kBroken;
  row.throughput = is_hopeless ? failed_phase(fault, row.latency.remark)
                               : measure_phase(Measure::kThroughput, setting, row);
  row.after = probe_core_distance();
  return row;
}

Phase PointRunner::measure_phase(Measure measure, const Setting& setting, Row& row) {
  PointOptions asked;
  asked.measure = measure;
  asked.setting = setting;
  asked.session_directory = options_.session_directory;
  asked.phase_ms = options_.phase_ms;
  asked.rate = options_.rate;
  std::unique_ptr<Receiver> receiver;
  if (setting.transport == Transport::kNull) {
    asked.url = "null:";
  } else if (setting.transport == Transport::kFile) {
    asked.url = "file://" + options_.file;
    add_option(asked.url, "hold_ms=200");
  } else {
    const std::string ipc_path = options_.directory + "/ipc";
    unlink(ipc_path.c_str());
    absl::StatusOr<std::unique_ptr<Receiver>> opened = Receiver::open(setting.transport, ipc_path);
    if (!opened.ok()) {
      return failed_phase(Fault::kUnavailable,
                          "not available here: " + std::string(opened.status().message()));
    }
    receiver = *std::move(opened);
    asked.url = receiver->url();
    asked.url += query_of(setting.transport);
  }
  return run(asked, receiver.get(), row);
}

Phase PointRunner::run(const PointOptions& asked, Receiver* receiver, Row& row) {
  const std::chrono::milliseconds limit(4 * asked.phase_ms + kGraceMs);
  const ChildEnd end = run_self(to_arguments(asked), limit, options_.must_stop);
  const std::optional<PointReport> report = parse_point_report(end.output);
  const std::uint64_t sent = report.has_value() ? report->ledger.sent : 0;
  std::optional<Arrival> arrival;
  if (receiver != nullptr) arrival = receiver->finish(sent);
  if (asked.setting.transport == Transport::kFile) {
    arrival = count_written_lines(options_.file);
    // Left as it is when it is a device; a file that is too long would be read again and again.
    if (arrival.has_value()) unlink(options_.file.c_str());
  }
  if (!end.trouble().empty()) return failed_phase(Fault::kBroken, end.trouble());
  if (!report.has_value()) return failed_phase(Fault::kBroken, "said nothing that can be read");
  if (asked.measure == Measure::kLatency) {
    row.burst = report->burst;
    row.single = report->single;
    row.empty_ns = report->empty_ns;
  }
  return judge(asked, *report, arrival);
}

}  // namespace metlog
