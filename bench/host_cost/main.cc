// What does logging cost the host? Not the call, but the whole bill: the work that the process no
// longer does, its CPU time, wake-ups, writes and memory, what is lost, and how long a message
// takes to its file. docs/benchmarks.md says what each column means.
//
// A round measures every case with every subject, each in a new process; the subjects' order
// rotates from round to round. What is compared is compared within a round.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "bench/host_cost/bill.h"
#include "bench/host_cost/cost_case.h"
#include "bench/host_cost/cost_subject.h"
#include "bench/host_cost/http_load.h"
#include "bench/host_cost/load.h"
#include "bench/host_cost/measure.h"
#include "metlog/internal/base/standard_descriptors.h"
#include "metlog/internal/base/thread_place.h"
#include "tools/console/option_checks.h"
#include "tools/console/report.h"
#include "tools/console/stop_signal.h"
#include "tools/console/terminal.h"
#include "tools/console/write_file_atomic.h"
#include "tools/metlog/tune/measure/units_load.h"

namespace metlog {
namespace {

constexpr const char* kProgram = "host_cost";

constexpr const char* kExamples = R"(
Examples:
  host_cost
      everything, 20 rounds of a second each: more than an hour
  host_cost --rounds 3 --only units/20,rate --json bill.json
      what is left of the machine, and CPU per message; all figures as JSON
  host_cost --subjects metlog-json --only burst,latency
      one subject; no logging is measured, too, where a case compares with it
  host_cost --list
      the cases and the subjects

Every row says how many messages were emitted, lost and unaccounted for:
emitted = lines in the file + lost, or the row is wrong. Let nothing else run
meanwhile. Exit codes: 0 everything was measured and the books balance, 1 not,
2 wrong usage, 130 interrupted, with the rounds so far.)";

struct CostOptions {
  std::size_t rounds = 20;
  double seconds = 1;
  std::string only;
  std::string subjects;
  std::string json;
  bool lists = false;
  MeasureOptions measure;
};

void add_options(CLI::App& app, CostOptions& options) {
  app.footer(kExamples);
  app.add_option("--rounds", options.rounds,
                 "Rounds, of which the report has the median; 1 to 10000")
      ->type_name("N")
      ->check(between(std::uint64_t{1}, std::uint64_t{10'000}))
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Time of each measurement; 0.01 to 3600")
      ->type_name("SECONDS")
      ->check(between(0.01, 3600.0))
      ->capture_default_str();
  app.add_option("--only", options.only, "Only these workloads or cases, separated by commas")
      ->type_name("CASES");
  app.add_option("--subjects", options.subjects, "Only these subjects, separated by commas")
      ->type_name("NAMES");
  app.add_option("--json", options.json, "Write all figures of all rounds here")->type_name("FILE");
  app.add_option("--dir", options.measure.directory,
                 "Directory for the files that are logged to; default: that for temporary files")
      ->type_name("DIRECTORY");
  app.add_option("--metlogd", options.measure.metlogd,
                 "The router; default: metlogd beside this program")
      ->type_name("FILE");
  app.add_flag("--list", options.lists, "List cases and subjects, and end");
}

std::vector<CostSubjectKind> all_subjects() {
  std::vector<CostSubjectKind> all = metlog_cost_subjects();
#ifdef METLOG_BENCH_SPDLOG
  const std::vector<CostSubjectKind> peers = spdlog_cost_subjects();
  all.insert(all.end(), peers.begin(), peers.end());
#endif
  return all;
}

/// Those that `names` has, and no logging, with which they are compared.
absl::StatusOr<std::vector<CostSubjectKind>> choose_subjects(const std::string& names) {
  const std::vector<CostSubjectKind> all = all_subjects();
  const std::vector<std::string> wanted = comma_separated(names);
  if (wanted.empty()) return all;
  std::vector<CostSubjectKind> chosen{all.front()};
  for (const std::string& name : wanted) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const CostSubjectKind& kind) { return kind.name == name; });
    if (found == all.end()) {
      return absl::InvalidArgumentError("'" + name + "' names no subject; --list shows them");
    }
    if (name != kNoLogging) chosen.push_back(*found);
  }
  return chosen;
}

/// True when the case has an answer for the subject: what writes no file has no time until a
/// message is in it, and what does not log loses nothing.
bool can_answer(const CostCase& cost_case, const CostSubjectKind& kind) {
  const bool writes = kind.destination != CostSubjectKind::Destination::kNothing;
  if (cost_case.workload == Workload::kLatency) return writes;
  // Others cannot choose their threads' nice value.
  if (cost_case.nice != 0 && !kind.name.starts_with("metlog-")) return false;
  return cost_case.needs_baseline() || kind.name != kNoLogging;
}

/// The cases with the rows of the subjects that answer them; no figures yet.
std::vector<BillCase> empty_bill(const std::vector<CostCase>& cases,
                                 const std::vector<CostSubjectKind>& kinds) {
  std::vector<BillCase> bill;
  for (const CostCase& cost_case : cases) {
    bill.push_back({cost_case, {}});
    for (const CostSubjectKind& kind : kinds) {
      if (can_answer(cost_case, kind)) bill.back().rows.push_back({kind.name, {}, {}});
    }
  }
  return bill;
}

/// Measures and shows how far it is.
class BillRun {
 public:
  BillRun(const CostOptions& options, std::vector<CostSubjectKind> kinds,
          std::vector<BillCase>& bill)
      : options_(options),
        kinds_(std::move(kinds)),
        bill_(bill),
        progress_(stderr,
                  can_redraw(stderr) ? ProgressLine::Mode::kRewrite : ProgressLine::Mode::kQuiet) {
    for (const BillCase& one : bill) total_ += options.rounds * one.rows.size();
  }

  /// Returns the number of complete rounds; fewer than asked for after a signal.
  std::size_t run() {
    for (std::size_t round = 0; round < options_.rounds; ++round) {
      for (BillCase& one : bill_) {
        if (!measure_case(one, round)) return round;
      }
    }
    return options_.rounds;
  }

 private:
  /// One round of a case; false, without its figures, when it was interrupted.
  bool measure_case(BillCase& one, std::size_t round) {
    std::vector<Measurement> measured(one.rows.size());
    for (std::size_t i = 0; i < one.rows.size(); ++i) {
      const std::size_t turn = (i + round) % one.rows.size();
      show(one.cost_case.name, one.rows[turn].subject, round);
      measured[turn] = measure(one.cost_case, kind_of(one.rows[turn]), options_.measure);
      ++done_;
      if (stop_requested()) return false;
    }
    const Measurement baseline = measured.front();
    for (std::size_t i = 0; i < one.rows.size(); ++i) {
      Measurement& measurement = measured[i];
      if (measurement.error.empty() && one.cost_case.needs_baseline() && baseline.error.empty()) {
        compare_with_baseline(one.cost_case, baseline, measurement);
      }
      BillRow& row = one.rows[i];
      if (measurement.error.empty()) {
        row.rounds.push_back(std::move(measurement));
      } else {
        row.errors.push_back(std::move(measurement.error));
      }
    }
    return true;
  }

  [[nodiscard]] const CostSubjectKind& kind_of(const BillRow& row) const {
    return *std::find_if(kinds_.begin(), kinds_.end(),
                         [&](const CostSubjectKind& kind) { return kind.name == row.subject; });
  }

  void show(const std::string& case_name, const std::string& subject, std::size_t round) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin_;
    std::string text = "round " + std::to_string(round + 1) + "/" + std::to_string(options_.rounds);
    text += "  " + std::to_string(100 * done_ / std::max<std::size_t>(total_, 1)) + " %";
    if (done_ != 0) {
      const double left_s =
          took.count() * static_cast<double>(total_ - done_) / static_cast<double>(done_);
      text += "  " + std::to_string(static_cast<long>(left_s) + 1) + " s left";
    }
    progress_.show(text.append("  ").append(case_name).append("  ").append(subject));
  }

  const CostOptions& options_;
  const std::vector<CostSubjectKind> kinds_;
  std::vector<BillCase>& bill_;
  ProgressLine progress_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::size_t total_ = 0;
  std::size_t done_ = 0;
};

int list() {
  std::string text = "cases:";
  for (const CostCase& one : all_cost_cases()) text += " " + one.name;
  text += "\nsubjects:";
  for (const CostSubjectKind& kind : all_subjects()) text += " " + kind.name;
  std::puts(text.c_str());
  return kExitDone;
}

int fail(const absl::Status& status, int code) {
  report(std::string(status.message()), kProgram);
  return code;
}

/// Fills in what was not given.
void complete(MeasureOptions& options) {
  std::error_code ignored;
  if (options.directory.empty()) {
    options.directory = std::filesystem::temp_directory_path(ignored).string();
  }
  // A file: URL is absolute.
  options.directory = std::filesystem::absolute(options.directory, ignored).string();
  if (options.metlogd.empty()) {
    const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
    options.metlogd = (self.parent_path() / "metlogd").string();
  }
  options.steps_per_us = calibrated_steps_per_us();
}

absl::Status check_metlogd(const std::vector<CostSubjectKind>& kinds,
                           const MeasureOptions& options) {
  const bool needs_it = std::any_of(kinds.begin(), kinds.end(), [](const CostSubjectKind& kind) {
    return kind.destination == CostSubjectKind::Destination::kRouter;
  });
  if (!needs_it || access(options.metlogd.c_str(), X_OK) == 0) return absl::OkStatus();
  return absl::NotFoundError("'" + options.metlogd + "' cannot be run; build the target metlogd, " +
                             "name it with --metlogd, or leave out its --subjects");
}

/// Those that `only` names, without the ones that this machine cannot measure, which it says.
absl::StatusOr<std::vector<CostCase>> choose_cases(const std::string& only) {
  absl::StatusOr<std::vector<CostCase>> cases = choose_cost_cases(only);
  if (!cases.ok()) return cases;
  const absl::Status can_http = check_http_load();
  const absl::Status can_hurry = ThreadPlace{"", -10, {}}.check();
  absl::Status skipped;
  std::erase_if(*cases, [&](const CostCase& one) {
    const absl::Status can = one.workload == Workload::kHttp ? can_http
                             : one.nice < 0                  ? can_hurry
                                                             : absl::OkStatus();
    if (can.ok()) return false;
    if (!skipped.ok()) report(std::string(skipped.message()), kProgram);
    skipped = absl::NotFoundError(one.name + " is not measured: " + std::string(can.message()));
    return true;
  });
  if (cases->empty()) return skipped;
  if (!skipped.ok()) report(std::string(skipped.message()), kProgram);
  return cases;
}

int measure_bill(CostOptions options) {
  const absl::StatusOr<std::vector<CostCase>> cases = choose_cases(options.only);
  if (!cases.ok()) return fail(cases.status(), kExitUsage);
  const absl::StatusOr<std::vector<CostSubjectKind>> kinds = choose_subjects(options.subjects);
  if (!kinds.ok()) return fail(kinds.status(), kExitUsage);
  if (!options.json.empty()) {
    const absl::Status status = check_file_writable(options.json);
    if (!status.ok()) return fail(status, kExitUsage);
  }
  options.measure.seconds = options.seconds;
  complete(options.measure);
  if (const absl::Status status = check_metlogd(*kinds, options.measure); !status.ok()) {
    return fail(status, kExitUsage);
  }
  install_stop_signals();
  std::vector<BillCase> bill = empty_bill(*cases, *kinds);
  BillOrigin origin{0, options.seconds, options.measure.steps_per_us, false};
  {
    BillRun run(options, *kinds, bill);
    origin.rounds = run.run();
  }
  origin.is_interrupted = origin.rounds != options.rounds;
  std::fputs(to_text(bill, origin).c_str(), stdout);
  const bool printed = std::fflush(stdout) == 0;
  if (!options.json.empty()) {
    const absl::Status status = write_file_atomic(options.json, to_json(bill, origin));
    if (!status.ok()) return fail(status, kExitLost);
  }
  if (origin.is_interrupted) return kExitInterrupted;
  return is_sound(bill) && printed ? kExitDone : kExitLost;
}

}  // namespace
}  // namespace metlog

int main(int argc, char** argv) {
  metlog::keep_standard_descriptors();
  metlog::CostOptions options;
  CLI::App app(
      "host_cost measures what logging costs the host: its work, CPU, wake-ups and memory.",
      metlog::kProgram);
  metlog::add_options(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? metlog::kExitDone : metlog::kExitUsage;
  }
  if (options.lists) return metlog::list();
  return metlog::measure_bill(options);
}
