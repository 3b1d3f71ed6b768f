#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
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
#include "tools/metlogd/session_watch.h"

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kMaxWait{100};
constexpr std::chrono::seconds kCloseLimit{10};

int fail(const absl::Status& status, int code) {
  report(std::string(status.message()), "metlogd");
  return code;
}

std::string endpoints(const Router& router) {
  std::string text;
  for (const auto& input : router.inputs()) text += input->endpoint() + '\n';
  return text;
}

/// True when an output writes messages to the standard output, where a table would mix with them.
bool writes_to_stdout(const Router& router) {
  const RouterLedger ledger = router.ledger();
  return std::any_of(ledger.outputs.begin(), ledger.outputs.end(), [](const OutputLedger& output) {
    return output.url.substr(0, 7) == "stdout:";
  });
}

ProgressLine::Mode mode_of(const Options& options, std::FILE* stream) {
  if (options.quiet) return ProgressLine::Mode::kQuiet;
  // A script's `metlogd &` stays in the foreground, but without its input: it shares the terminal.
  return isatty(STDIN_FILENO) != 0 ? ProgressLine::mode_for(stream) : ProgressLine::Mode::kAppend;
}

/// Decides when the router ends without a signal: after --count or --exit-after-idle.
class EndCondition {
 public:
  explicit EndCondition(const Options& options)
      : count_(options.count), idle_limit_(options.exit_after_idle_s), last_frame_(Clock::now()) {}

  bool is_met(Clock::time_point now, const Router& router) {
    if (router.frame_count() != frames_) last_frame_ = now;
    frames_ = router.frame_count();
    if (count_ != 0 && router.message_count() >= count_) return true;
    return idle_limit_.count() > 0 && now - last_frame_ >= idle_limit_;
  }

 private:
  const std::uint64_t count_;
  const std::chrono::duration<double> idle_limit_;
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

/// Does what SIGHUP and SIGUSR1 ask for; false when metlogd shall end.
bool obey_signals(const Router& router, Display& display) {
  if (take_ledger_request()) {
    display.write("");  // the next table begins below the ledger
    // Routing must not wait for a reader.
    if (can_write_now(stderr)) std::fputs(to_text(steady_ledger(router)).c_str(), stderr);
  }
  if (!take_hangup()) return true;
  reopen_files();
  return !has_lost_terminal();
}

/// Starts to recover sessions, unless that is not wanted; null then. A default directory that
/// cannot be used is no reason not to route.
absl::StatusOr<std::unique_ptr<SessionWatch>> watch_sessions(const Options& options) {
  if (options.recover == "none") return nullptr;
  absl::StatusOr<std::unique_ptr<SessionWatch>> watch = SessionWatch::start(options.recover);
  if (watch.ok() || !options.recover.empty()) return watch;
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

void run(Router& router, SessionWatch* watch, Display& display, EndCondition end) {
  Clock::time_point now = Clock::now();
  while (!stop_requested() && !end.is_met(now, router) && obey_signals(router, display)) {
    const auto until_next = std::chrono::ceil<milliseconds>(display.next() - now);
    router.step(std::clamp(until_next, milliseconds(0), kMaxWait));
    now = Clock::now();
    show_recovered(watch, display);
    display.tick(now, router);
  }
}

/// kInvalidArgument when a report would replace the other one or the file of an output.
absl::Status check_reports(const Options& options, const Router& router) {
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
  if (!options.ready_file.empty()) {
    if (absl::Status status = add(options.ready_file, "--ready-file"); !status.ok()) return status;
  }
  return options.ledger_json.empty() ? absl::OkStatus() : add(options.ledger_json, "--ledger-json");
}

/// Writes the ledger to --ledger-json, if given; returns the exit code.
int account(const Options& options, const RouterLedger& ledger) {
  if (!options.ledger_json.empty()) {
    const absl::Status status = write_file_atomic(options.ledger_json, to_json(ledger));
    if (!status.ok()) return fail(status, kExitLost);
  }
  return ledger.unexplained() == 0 ? kExitDone : kExitLost;
}

int serve(const Options& options) {
  if (!options.ledger_json.empty()) {
    const absl::Status status = check_file_writable(options.ledger_json);
    if (!status.ok()) return fail(status, kExitUsage);
  }
  install_stop_signals();
  install_control_signals();
  absl::StatusOr<std::unique_ptr<Router>> built = build_router(options);
  if (!built.ok()) return fail(built.status(), kExitUsage);
  Router& router = **built;
  if (const absl::Status status = check_reports(options, router); !status.ok()) {
    return fail(status, kExitUsage);
  }
  std::FILE* stream = writes_to_stdout(router) ? stderr : stdout;
  Display display(stream, mode_of(options, stream),
                  std::chrono::duration<double>(options.interval_s));
  if (const absl::Status status = router.start(); !status.ok()) return fail(status, kExitUsage);
  if (!options.quiet) display.write("listening on\n" + endpoints(router));
  if (!options.ready_file.empty()) {
    const absl::Status status = write_file_atomic(options.ready_file, endpoints(router));
    if (!status.ok()) return fail(status, kExitUsage);
  }
  absl::StatusOr<std::unique_ptr<SessionWatch>> watch = watch_sessions(options);
  if (!watch.ok()) return fail(watch.status(), kExitUsage);
  run(router, watch->get(), display, EndCondition(options));
  // Before the inputs end: it may send to them.
  if (*watch != nullptr) (*watch)->stop();
  show_recovered(watch->get(), display);
  router.close(kCloseLimit);
  display.finish(Clock::now(), router);
  const RouterLedger ledger = router.ledger();
  display.write(to_text(ledger));
  const int code = account(options, ledger);
  if (std::ferror(stream) == 0) return code;
  report("the ledger could not be written to the standard output", "metlogd");
  return kExitLost;
}

}  // namespace
}  // namespace metlog

int main(int argc, char** argv) {
  metlog::keep_standard_descriptors();
  metlog::Options options;
  if (const std::optional<int> code = metlog::parse_options(argc, argv, options)) return *code;
  return metlog::serve(options);
}
