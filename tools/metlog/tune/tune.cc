#include "tools/metlog/tune/tune.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "tools/console/report.h"
#include "tools/console/stop_signal.h"
#include "tools/console/terminal.h"
#include "tools/metlog/tune/measure/machine.h"
#include "tools/metlog/tune/measure/point_runner.h"
#include "tools/metlog/tune/measure/sample_call.h"
#include "tools/metlog/tune/report/html_report.h"
#include "tools/metlog/tune/report/tune_json.h"
#include "tools/metlog/tune/report/tune_progress.h"
#include "tools/metlog/tune/report/tune_table.h"
#include "tools/metlog/tune/search/search.h"

namespace metlog {
namespace {

/// A new directory, removed with its contents.
class WorkDirectory {
 public:
  /// Makes it below the first of these that is writable. kUnavailable names them all.
  static absl::StatusOr<WorkDirectory> make_below(std::initializer_list<std::string> parents);
  WorkDirectory(WorkDirectory&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }
  WorkDirectory& operator=(WorkDirectory&&) = delete;
  ~WorkDirectory();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit WorkDirectory(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

absl::StatusOr<WorkDirectory> WorkDirectory::make_below(
    std::initializer_list<std::string> parents) {
  int error = ENOENT;
  std::string tried;
  for (const std::string& parent : parents) {
    if (parent.empty()) continue;
    std::string path = parent;
    path += "/metlog-tune-XXXXXX";
    if (mkdtemp(path.data()) != nullptr) return WorkDirectory(path);
    error = errno;
    tried += (tried.empty() ? "" : ", ") + parent;
  }
  return absl::UnavailableError("no directory for measuring could be made below " + tried + ": " +
                                std::strerror(error) + "; set TMPDIR to one");
}

WorkDirectory::~WorkDirectory() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

double steady_s() { return 1e-9 * static_cast<double>(monotonic_time_ns()); }

/// The measurements overwrite the file, so it must not exist, or must be a device or a pipe.
bool is_free(const std::string& path) {
  struct stat status {};
  // A link that leads nowhere is somebody's: the file goes after each point.
  if (stat(path.c_str(), &status) != 0) {
    return errno == ENOENT && lstat(path.c_str(), &status) != 0;
  }
  return S_ISCHR(status.st_mode) || S_ISFIFO(status.st_mode);
}

/// Checks before measuring, so that a bad path fails at once. Leaves an existing file unchanged.
bool can_be_written(const std::string& path) {
  struct stat status {};
  const bool was_there = lstat(path.c_str(), &status) == 0;
  std::FILE* const file = std::fopen(path.c_str(), "ae");
  if (file == nullptr) return false;
  std::fclose(file);
  if (!was_there) unlink(path.c_str());
  return true;
}

/// "2026-11-30T12:00:00Z"
std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::string temporary_directory() {
  const char* const named = std::getenv("TMPDIR");
  return named != nullptr ? named : "";
}

TuneSearch::Options search_options(const TuneOptions& options) {
  TuneSearch::Options search;
  search.goal = options.goal;
  search.extent = options.quick ? Extent::kQuick : Extent::kFull;
  search.transports = options.transports;
  search.start.threads = options.threads;
  search.start.size = options.size;
  return search;
}

TuneResult tune(const TuneOptions& options, PointRunner::Options points) {
  Budget budget(options.budget_s, steady_s);
  TuneProgress progress(options.quiet);
  std::string what;
  // Called many times a second, also while a point is measured.
  points.must_stop = [&] {
    progress.show(budget.elapsed_s() / budget.total_s(), budget.left_s(), what);
    return stop_requested();
  };
  const TuneSearch::Options search = search_options(options);
  points.phase_ms = budget.phase_ms(TuneSearch(search, budget, {}, {}).planned_points());
  PointRunner runner(points);
  const auto measure = [&](Axis axis, const Setting& setting) {
    what = fmt::format("{} {}", name_of(axis), value_text(axis, setting));
    return runner.measure(setting);
  };
  const std::string date = utc_now();
  TuneResult result = TuneSearch(search, budget, measure, stop_requested).run();
  result.version = options.version;
  result.date = date;
  if (search.transports.size() == 1) {
    result.reasons.insert(result.reasons.begin(),
                          fmt::format("transport: {} was given; --transports lets it be chosen",
                                      name_of(search.transports.front())));
  }
  const Machine machine = this_machine();
  result.cpu = machine.cpu;
  result.kernel = machine.kernel;
  result.processors = machine.processors;
  result.command = options.command;
  result.phase_ms = points.phase_ms;
  result.rate = options.rate;
  return result;
}

bool write_report(const TuneOptions& options, const TuneResult& result) {
  const std::string text = to_html(result);
  std::FILE* const file = std::fopen(options.report.c_str(), "we");
  const bool was_opened = file != nullptr;
  bool is_written = was_opened && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (was_opened) is_written = std::fclose(file) == 0 && is_written;
  if (is_written) {
    if (!options.quiet && !options.json) report("the report is in " + options.report);
    return true;
  }
  report(fmt::format("--report: cannot write '{}': {}", options.report, std::strerror(errno)));
  return false;
}

bool print(const TuneOptions& options, const TuneResult& result) {
  const std::string text = options.json ? to_json(result) : to_text(result, wants_colours(stdout));
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (std::fflush(stdout) == 0) return true;
  report("the result could not be written to the standard output");
  return false;
}

}  // namespace

int run_tune(const TuneOptions& options) {
  if (!options.file.empty() && !is_free(options.file)) {
    return refuse("--file",
                  absl::InvalidArgumentError(
                      "'" + options.file + "' exists, and would be overwritten; name a new file"));
  }
  if (!options.no_report && !can_be_written(options.report)) {
    return refuse("--report", absl::InvalidArgumentError("cannot write '" + options.report +
                                                         "': " + std::strerror(errno)));
  }
  const auto directory = WorkDirectory::make_below({temporary_directory(), "/tmp", "."});
  if (!directory.ok()) return refuse("--file", directory.status());
  const auto sessions = WorkDirectory::make_below({"/dev/shm", directory->path()});
  if (!sessions.ok()) return refuse("tune", sessions.status());
  install_stop_signals();
  PointRunner::Options points;
  points.directory = directory->path();
  points.session_directory = sessions->path();
  points.file = options.file.empty() ? directory->path() + "/out.jsonl" : options.file;
  points.rate = options.rate;
  const TuneResult result = tune(options, std::move(points));
  const bool is_reported = options.no_report || write_report(options, result);
  const bool is_printed = print(options, result);
  if (result.is_interrupted) return kExitInterrupted;
  return is_reported && is_printed && result.has_choice ? kExitDone : kExitLost;
}

}  // namespace metlog
