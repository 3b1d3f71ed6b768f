#include "bench/host_cost/measure.h"

#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "bench/host_cost/file_tail.h"
#include "bench/host_cost/load.h"
#include "bench/host_cost/metlogd_process.h"
#include "bench/spread.h"
#include "metlog/internal/base/start_thread.h"
#include "metlog/internal/base/unique_fd.h"

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;

// Beyond the seconds of the load: for opening, flushing and closing on a machine that is busy.
constexpr std::chrono::seconds kChildLimit{90};
// The reader sleeps after each look, which its figures include, so as to leave the cores to the
// load.
constexpr std::chrono::microseconds kReaderRest{200};

/// A new directory, removed with all that is in it.
class CostDirectory {
 public:
  explicit CostDirectory(const std::string& parent) : path_(parent + "/host-cost-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  ~CostDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  CostDirectory(const CostDirectory&) = delete;
  CostDirectory& operator=(const CostDirectory&) = delete;

  /// Empty when it could not be made.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The process that is measured, and the pipe for its report.
class MeasuredProcess {
 public:
  template <class Run>
  explicit MeasuredProcess(Run run) {
    std::array<int, 2> ends{-1, -1};
    if (pipe(ends.data()) != 0) return;
    report_ = UniqueFd(ends[0]);
    const UniqueFd writer(ends[1]);
    id_ = fork();
    if (id_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const std::string lines = to_lines(run());
    const ssize_t written = ::write(writer.get(), lines.data(), lines.size());
    // Not _exit(): the engine removes its files when the process exits.
    std::exit(written == static_cast<ssize_t>(lines.size()) ? 0 : 1);
  }
  /// Waits for its end, which it is helped to.
  ~MeasuredProcess() {
    if (id_ <= 0) return;
    if (!ended_) kill(id_, SIGKILL);
    while (waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  MeasuredProcess(const MeasuredProcess&) = delete;
  MeasuredProcess& operator=(const MeasuredProcess&) = delete;

  [[nodiscard]] int report_fd() const { return report_.get(); }
  /// Reads a part of the report; false when it is complete.
  bool read_report() {
    std::array<char, 4096> part;
    const ssize_t count = ::read(report_.get(), part.data(), part.size());
    if (count < 0 && errno == EINTR) return true;
    if (count > 0) lines_.append(part.data(), static_cast<std::size_t>(count));
    ended_ = count == 0;
    return count > 0;
  }
  [[nodiscard]] Measurement measurement() const { return measurement_of(lines_); }

 private:
  UniqueFd report_;
  pid_t id_ = -1;
  bool ended_ = false;
  std::string lines_;
};

/// Reads the report until it is complete or the time is up and, for Workload::kLatency, the file as
/// it grows.
void observe(MeasuredProcess& process, const std::string& directory, FileTail& tail,
             bool reads_file, Clock::time_point deadline) {
  const UniqueFd changes(reads_file ? inotify_init1(IN_NONBLOCK | IN_CLOEXEC) : -1);
  if (changes.is_open()) inotify_add_watch(changes.get(), directory.c_str(), IN_MODIFY | IN_CREATE);
  std::array<char, 4096> events;
  std::array<pollfd, 2> inputs{pollfd{process.report_fd(), POLLIN, 0},
                               pollfd{changes.get(), POLLIN, 0}};
  while (Clock::now() < deadline) {
    inputs[0].revents = inputs[1].revents = 0;
    if (poll(inputs.data(), inputs.size(), 1000) < 0) continue;
    if (inputs[1].revents != 0) {
      while (::read(changes.get(), events.data(), events.size()) > 0) {
      }
      tail.read_new();
      std::this_thread::sleep_for(kReaderRest);
    }
    if (inputs[0].revents != 0 && !process.read_report()) return;
  }
}

void settle_books(const CostSubjectKind& kind, const FileTail& tail, Measurement& measurement) {
  auto& figures = measurement.figures;
  figures["delivered"] = kind.destination == CostSubjectKind::Destination::kNothing
                             ? figures["taken"]
                             : static_cast<double>(tail.messages());
  figures["unaccounted"] = figures["emitted"] - figures["delivered"] - figures["lost"];
}

void add_derived(const CostCase& cost_case, const FileTail& tail, Measurement& measurement) {
  auto& figures = measurement.figures;
  const double calls_per_s =
      figures["measured_calls"] / std::max(measurement.figure("load_s"), 1e-9);
  if (cost_case.rhythm == Rhythm::kUnits) figures["units_per_s"] = calls_per_s;
  if (cost_case.workload == Workload::kRate) figures["messages_per_s"] = calls_per_s;
  if (cost_case.workload == Workload::kBurst || cost_case.workload == Workload::kStarved) {
    figures["lost_percent"] = 100 * figures["lost"] / std::max(figures["emitted"], 1.0);
  }
  if (cost_case.workload == Workload::kLatency) {
    const std::vector<double>& ages = tail.ages_us();
    figures["samples"] = static_cast<double>(ages.size());
    figures["p50_us"] = quantile(ages, 0.5);
    figures["p99_us"] = quantile(ages, 0.99);
    figures["max_us"] = quantile(ages, 1);
  }
}

Measurement failed(std::string why) {
  Measurement measurement;
  measurement.error = std::move(why);
  return measurement;
}

}  // namespace

Measurement measure(const CostCase& cost_case, const CostSubjectKind& kind,
                    const MeasureOptions& options) {
  const CostDirectory directory(options.directory);
  if (directory.path().empty()) {
    return failed("cannot make a directory in '" + options.directory +
                  "': " + std::strerror(errno) + "; name another with --dir");
  }
  CostPlace place{directory.path() + "/messages", "", cost_case.waits(), cost_case.nice,
                  cost_case.is_severe};
  LoadOptions load{options.seconds, options.steps_per_us, 0};
  std::unique_ptr<MetlogdProcess> metlogd;
  if (kind.destination == CostSubjectKind::Destination::kRouter) {
    auto started = MetlogdProcess::start(options.metlogd, directory.path(), {"--out", place.file});
    if (!started.ok()) return failed(std::string(started.status().message()));
    metlogd = *std::move(started);
    place.endpoint = metlogd->endpoint();
    load.router = metlogd->id();
  }
  const bool reads_file = cost_case.workload == Workload::kLatency;
  FileTail tail(place.file, reads_file ? FileTail::Samples::kLatency : FileTail::Samples::kNone);
  MeasuredProcess process([&] { return run_load(cost_case, kind, place, load); });
  const Clock::time_point deadline =
      Clock::now() + kChildLimit +
      std::chrono::ceil<Clock::duration>(std::chrono::duration<double>(options.seconds));
  // On a thread of its own: the processes of later measurements would inherit the slice.
  std::thread observer([&] {
    ask_for_short_slice();  // what is late is to be the message, not who looks at it
    observe(process, directory.path(), tail, reads_file, deadline);
  });
  observer.join();
  Measurement measurement = process.measurement();
  if (!measurement.error.empty()) return measurement;
  if (metlogd != nullptr) {
    const absl::StatusOr<MetlogdProcess::Account> account = metlogd->stop();
    if (!account.ok()) return failed(std::string(account.status().message()));
    measurement.figures["lost"] += static_cast<double>(account->rejected + account->lost);
  }
  tail.read_new();
  settle_books(kind, tail, measurement);
  add_derived(cost_case, tail, measurement);
  return measurement;
}

void compare_with_baseline(const CostCase& cost_case, const Measurement& baseline,
                           Measurement& measurement) {
  auto& figures = measurement.figures;
  if (cost_case.workload == Workload::kUnits) {
    const double whole = baseline.figure("units_per_s");
    figures["kept_percent"] = whole > 0 ? 100 * figures["units_per_s"] / whole : 0;
  }
  if (cost_case.workload == Workload::kHttp) {
    const double whole = baseline.figure("requests_per_s");
    figures["kept_percent"] = whole > 0 ? 100 * figures["requests_per_s"] / whole : 0;
  }
  const bool has_price =
      cost_case.workload == Workload::kRate || cost_case.workload == Workload::kHttp;
  if (has_price && figures["measured_calls"] > 0) {
    // Flat out and with requests, no logging makes more calls in its time.
    const double calls = figures["measured_calls"];
    const double pacing_s =
        baseline.figure("cpu_s") / std::max(baseline.figure("measured_calls"), 1.0);
    figures["us_per_message"] = 1e6 * (figures["cpu_s"] / calls - pacing_s);
    figures["router_us_per_message"] = 1e6 * measurement.figure("router_cpu_s") / calls;
  }
  if (cost_case.rhythm == Rhythm::kIdle) {
    for (const char* const name : {"cpu_percent", "voluntary_per_s"}) {
      figures[std::string(name) + "_above"] = figures[name] - baseline.figure(name);
    }
  }
  if (cost_case.workload == Workload::kMemory) {
    figures["resident_kb_above"] = figures["resident_kb"] - baseline.figure("resident_kb");
  }
}

}  // namespace metlog
