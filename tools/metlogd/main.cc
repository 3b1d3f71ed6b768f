#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "metlog/internal/base/standard_descriptors.h"
#include "metlog/internal/base/url.h"
#include "metlog/make_sender.h"
#include "tools/console/report.h"
#include "tools/console/stop_signal.h"
#include "tools/console/write_file_atomic.h"
#include "tools/metlogd/build_router.h"
#include "tools/metlogd/control_signals.h"
#include "tools/metlogd/display.h"
#include "tools/metlogd/reload.h"
#include "tools/metlogd/router_report.h"
#include "tools/metlogd/service_notice.h"
#include "tools/metlogd/session_watch.h"
#include "tools/metlogd/status_service.h"

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kMaxWait{100};

int fail(const absl::Status& status, int code) {
  report(std::string(status.message()), "metlogd");
  return code;
}

/// True when an output writes messages to the standard output, where a table would mix with them.
bool writes_to_stdout(const Router& router) {
  const RouterLedger ledger = router.ledger();
  return std::any_of(ledger.outputs.begin(), ledger.outputs.end(), [](const OutputLedger& output) {
    return output.url.substr(0, 7) == "stdout:";
  });
}

ProgressLine::Mode mode_of(const RouterPlan::Process& process, std::FILE* stream) {
  if (process.quiet) return ProgressLine::Mode::kQuiet;
  // A script's `metlogd &` stays in the foreground, but without its input: it shares the terminal.
  return isatty(STDIN_FILENO) != 0 ? ProgressLine::mode_for(stream) : ProgressLine::Mode::kAppend;
}

/// Decides when the router ends without a signal: after --count or --exit-after-idle.
class EndCondition {
 public:
  explicit EndCondition(const RouterPlan::Process& process)
      : count_(static_cast<std::uint64_t>(process.count)),
        idle_limit_(process.exit_after_idle),
        last_frame_(Clock::now()) {}

  bool is_met(Clock::time_point now, const Router& router) {
    if (router.frame_count() != frames_) last_frame_ = now;
    frames_ = router.frame_count();
    if (count_ != 0 && router.message_count() >= count_) return true;
    return idle_limit_.count() > 0 && now - last_frame_ >= idle_limit_;
  }

 private:
  const std::uint64_t count_;
  const std::chrono::nanoseconds idle_limit_;
  std::uint64_t frames_ = 0;
  Clock::time_point last_frame_;
};

/// A ledger in which no batch is between two counts. One that does not add up is returned when it
/// stays so.
RouterLedger steady_ledger(const Router& router) {
  constexpr int kTries = 100;
  RouterLedger ledger = router.ledger();
  for (int i = 0; i < kTries && ledger.unexplained() != 0; ++i) ledger = router.ledger();
  return ledger;
}

/// A router that runs, with what is around it.
struct Running {
  const Options& options;
  PlannedRouter& planned;
  SessionWatch* watch;  // null for none
  PidFile& pid_file;
  Display& display;
  ServiceNotice& notice;
  StatusService& status;
};

/// Does what SIGHUP and SIGUSR1 ask for; false when metlogd shall end.
bool obey_signals(Running& running) {
  Display& display = running.display;
  const Router& router = running.planned.router();
  if (take_ledger_request()) {
    display.write("");  // the next table begins below the ledger
    // Routing must not wait for a reader.
    if (can_write_now(stderr)) std::fputs(to_text(steady_ledger(router)).c_str(), stderr);
  }
  if (!take_hangup()) return true;
  reopen_files();
  if (has_lost_terminal()) return false;
  running.notice.say_reloading();
  reload(running.options, running.planned, running.pid_file, display, running.status.url());
  running.notice.say_ready();
  return true;
}

/// Starts to recover sessions, unless that is not wanted; null then. A default directory that
/// cannot be used is no reason not to route.
absl::StatusOr<std::unique_ptr<SessionWatch>> watch_sessions(const std::string& recover) {
  if (recover == "none") return nullptr;
  absl::StatusOr<std::unique_ptr<SessionWatch>> watch = SessionWatch::start(recover);
  if (watch.ok() || !recover.empty()) return watch;
  report(std::string(watch.status().message()), "metlogd");
  return nullptr;
}

void show_recovered(SessionWatch* watch, Display& display) {
  if (watch == nullptr) return;
  for (const SessionWatch::Line& line : watch->take_lines()) {
    display.write(line.is_complaint ? "" : line.text + "\n");
    if (line.is_complaint) report(line.text, "metlogd");
  }
}

void run(Running& running, EndCondition end) {
  Router& router = running.planned.router();
  Display& display = running.display;
  Clock::time_point now = Clock::now();
  while (!stop_requested() && !end.is_met(now, router) && obey_signals(running)) {
    const auto until_next = std::chrono::ceil<milliseconds>(display.next() - now);
    router.step(std::clamp(until_next, milliseconds(0), kMaxWait));
    now = Clock::now();
    show_recovered(running.watch, display);
    display.tick(now, router);
    if (running.notice.is_due(now)) running.notice.tick(now, router.ledger());
    running.status.tick(now, router);
  }
}

/// kInvalidArgument when a report would replace the other one or the file of an output.
absl::Status check_reports(const RouterPlan::Process& process, const Router& router) {
  std::map<std::filesystem::path, std::string> users;
  const auto add = [&](const std::string& path, const std::string& user) {
    std::error_code error;
    const std::filesystem::path file =
        std::filesystem::weakly_canonical(std::filesystem::absolute(path), error);
    if (error || users.emplace(file, user).second) return absl::OkStatus();
    return absl::InvalidArgumentError("'" + path + "' is given for " + users[file] + " and for " +
                                      user + "; name another file for one of them");
  };
  for (const OutputLedger& output : router.ledger().outputs) {
    const absl::StatusOr<Url> url = parse_url(output.url);
    // Several outputs may share a file.
    if (url.ok() && url->scheme == "file") add(url->path, "an output").IgnoreError();
  }
  if (!process.ready_file.empty()) {
    if (absl::Status status = add(process.ready_file, "--ready-file"); !status.ok()) return status;
  }
  if (!process.pid_file.empty()) {
    if (absl::Status status = add(process.pid_file, "--pid-file"); !status.ok()) return status;
  }
  if (const std::string& path = process.refused_input.path; !path.empty()) {
    if (absl::Status status = add(path, "dead_letter_file"); !status.ok()) return status;
  }
  return process.ledger_json.empty() ? absl::OkStatus() : add(process.ledger_json, "--ledger-json");
}

/// Writes the ledger to --ledger-json, if given; returns the exit code. Says on the standard error
/// what was lost here, for a manager's log.
int account(const RouterPlan::Process& process, const RouterLedger& ledger) {
  if (!process.ledger_json.empty()) {
    const absl::Status status = write_file_atomic(process.ledger_json, to_json(ledger));
    if (!status.ok()) return fail(status, kExitLost);
  }
  const std::uint64_t lost = ledger.lost_total() + ledger.kernel_drops();
  if (lost != 0)
    report(fmt::format("{} messages were lost; the ledger says where", lost), "metlogd");
  return lost == 0 && ledger.unexplained() == 0 ? kExitDone : kExitLost;
}

/// Writes what `process` asks for once the router receives.
absl::Status announce(const RouterPlan::Process& process, const Router& router, Display& display,
                      std::string_view http) {
  if (!process.quiet) display.write("listening on\n" + endpoints_of(router, http));
  return write_ready_file(process, router, http);
}

/// Routes until the end, and shows the ledger; returns the exit code.
int route(const Options& options, const RouterPlan::Process& process, PlannedRouter& planned,
          PidFile& pid_file, StatusService& status_service) {
  Router& router = planned.router();
  std::FILE* stream = writes_to_stdout(router) ? stderr : stdout;
  Display display(stream, mode_of(process, stream), process.interval);
  if (const absl::Status status = router.start(); !status.ok()) return fail(status, kExitUsage);
  if (const absl::Status status = status_service.start(); !status.ok()) {
    return fail(status, kExitUsage);
  }
  if (const absl::Status status = pid_file.set_http(status_service.url()); !status.ok()) {
    return fail(status, kExitUsage);
  }
  if (const absl::Status status = announce(process, router, display, status_service.url());
      !status.ok()) {
    return fail(status, kExitUsage);
  }
  absl::StatusOr<std::unique_ptr<SessionWatch>> watch = watch_sessions(process.recover);
  if (!watch.ok()) return fail(watch.status(), kExitUsage);
  ServiceNotice notice;
  Running running{options, planned, watch->get(), pid_file, display, notice, status_service};
  notice.say_ready();
  run(running, EndCondition(process));
  notice.say_stopping();
  status_service.stop();
  // Before the inputs end: it may send to them.
  if (*watch != nullptr) (*watch)->stop();
  show_recovered(watch->get(), display);
  router.close(process.close_limit);
  display.finish(Clock::now(), router);
  const RouterLedger ledger = router.ledger();
  display.write(to_text(ledger));
  const int code = account(process, ledger);
  if (std::ferror(stream) == 0) return code;
  report("the ledger could not be written to the standard output", "metlogd");
  return kExitLost;
}

int serve(const Options& options) {
  const std::optional<RouterPlan> plan = read_checked_plan(options);
  if (!plan) return kExitUsage;
  const RouterPlan::Process& process = plan->process;
  if (!process.ledger_json.empty()) {
    const absl::Status status = check_file_writable(process.ledger_json);
    if (!status.ok()) return fail(status, kExitUsage);
  }
  install_stop_signals();
  install_control_signals();
  absl::StatusOr<std::unique_ptr<PidFile>> pid_file = PidFile::write(process.pid_file);
  if (!pid_file.ok()) return fail(pid_file.status(), kExitUsage);
  const absl::StatusOr<std::unique_ptr<PlannedRouter>> planned = PlannedRouter::open(*plan);
  if (!planned.ok()) return fail(planned.status(), kExitUsage);
  if (const absl::Status status = check_reports(process, (*planned)->router()); !status.ok()) {
    return fail(status, kExitUsage);
  }
  Router& router = (*planned)->router();
  if (process.stats_interval.count() != 0) {
    router.add_input(std::make_unique<RouterReport>(process.stats_interval,
                                                    [&router] { return router.ledger(); }));
  }
  const absl::StatusOr<std::unique_ptr<StatusService>> status_service =
      StatusService::open(process);
  if (!status_service.ok()) return fail(status_service.status(), kExitUsage);
  const int code = route(options, process, **planned, **pid_file, **status_service);
  if (!(*planned)->router().has_ended()) {
    // A sender that is stuck, in a look-up of a name or on a dead disk, has had its time.
    pid_file->reset();
    std::fflush(nullptr);
    _exit(code);
  }
  return code;
}

}  // namespace
}  // namespace metlog

int main(int argc, char** argv) {
  metlog::keep_standard_descriptors();
  metlog::Options options;
  if (const std::optional<int> code = metlog::parse_options(argc, argv, options)) return *code;
  return options.only_check ? metlog::check_configuration(options) : metlog::serve(options);
}
