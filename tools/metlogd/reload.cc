#include "tools/metlogd/reload.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "tools/console/pid_file.h"
#include "tools/console/report.h"
#include "tools/console/terminal.h"
#include "tools/console/write_file_atomic.h"
#include "tools/metlogd/configuration.h"

namespace metlog {
namespace {

std::string count_text(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

std::optional<RouterPlan> read_checked_plan(const Options& options) {
  ConfigErrors errors;
  RouterPlan plan = read_plan(read_configuration(options, errors), errors);
  for (const std::string& note : errors.notes()) report("note: " + note, "metlogd");
  for (const std::string& error : errors.errors()) report(error, "metlogd");
  return errors.empty() ? std::optional(std::move(plan)) : std::nullopt;
}

int check_configuration(const Options& options) {
  ConfigErrors errors;
  const RouterPlan plan = read_plan(read_configuration(options, errors), errors);
  // Lines that an editor can follow to their places.
  for (const std::string& note : errors.notes()) std::fprintf(stderr, "%s (note)\n", note.c_str());
  for (const std::string& error : errors.errors()) std::fprintf(stderr, "%s\n", error.c_str());
  if (!errors.empty()) return kExitUsage;
  return print(
      fmt::format("{}: good: {}, {}\n", options.config, count_text(plan.inputs.size(), "input"),
                  count_text(plan.outputs.size(), "output")),
      "metlogd");
}

absl::StatusOr<std::unique_ptr<PidFile>> PidFile::write(const std::string& path) {
  std::unique_ptr<PidFile> file(new PidFile(""));
  if (path.empty()) return file;
  const absl::StatusOr<pid_t> other = read_pid_file(path);
  if (other.ok() && *other != ::getpid() && is_running_router(*other)) {
    return absl::FailedPreconditionError(fmt::format(
        "'{}' names process {}, a metlogd that runs; end it, or name another file", path, *other));
  }
  std::remove(status_file_of(path).c_str());
  std::remove(http_file_of(path).c_str());
  absl::Status status = write_file_atomic(path, fmt::format("{}\n", ::getpid()));
  if (!status.ok()) return status;
  return std::unique_ptr<PidFile>(new PidFile(path));
}

PidFile::~PidFile() {
  if (path_.empty()) return;
  const absl::StatusOr<pid_t> named = read_pid_file(path_);
  if (!named.ok() || *named != ::getpid()) return;  // another one's by now
  std::remove(path_.c_str());
  std::remove(status_file_of(path_).c_str());
  std::remove(http_file_of(path_).c_str());
}

absl::Status PidFile::set_http(std::string_view url) {
  if (path_.empty() || url.empty()) return absl::OkStatus();
  return write_file_atomic(http_file_of(path_), fmt::format("{}\n", url));
}

void PidFile::set_status(bool is_reloaded, const std::string& text) {
  ++reloads_;
  if (path_.empty()) return;
  const absl::Status status =
      write_file_atomic(status_file_of(path_), reload_status_text({reloads_, is_reloaded, text}));
  if (!status.ok()) report(std::string(status.message()), "metlogd");
}

std::string endpoints_of(const Router& router, std::string_view http) {
  std::string text;
  for (const auto& input : router.inputs()) {
    if (input->is_bound()) text += input->endpoint() + '\n';
  }
  if (!http.empty()) text.append(http) += '\n';
  return text;
}

absl::Status write_ready_file(const RouterPlan::Process& process, const Router& router,
                              std::string_view http) {
  if (process.ready_file.empty()) return absl::OkStatus();
  return write_file_atomic(process.ready_file, endpoints_of(router, http));
}

void reload(const Options& options, PlannedRouter& planned, PidFile& pid_file, Display& display,
            std::string_view http) {
  if (options.config.empty()) return;
  const auto refuse = [&](const std::string& why) {
    planned.router().count_reload(false);
    report(options.config + " is not used, nothing has changed: " + why, "metlogd");
    pid_file.set_status(false, why);
  };
  display.write("");  // what is reported begins below the table
  ConfigErrors errors;
  const RouterPlan plan = read_plan(read_configuration(options, errors), errors);
  for (const std::string& note : errors.notes()) report("note: " + note, "metlogd");
  if (!errors.empty()) {
    std::string why = count_text(errors.count(), "error");
    for (const std::string& error : errors.errors()) why += "\n" + error;
    return refuse(why);
  }
  const absl::StatusOr<PlannedRouter::Change> change =
      planned.change_to(plan, plan.process.close_limit);
  if (!change.ok()) return refuse(std::string(change.status().message()));
  planned.router().count_reload(true);
  const absl::Status written = write_ready_file(plan.process, planned.router(), http);
  if (!written.ok()) report(std::string(written.message()), "metlogd");
  const std::string text =
      fmt::format("{} kept, {} added, {} removed", change->kept, change->added, change->removed);
  display.write(fmt::format("reloaded {}: {}\n", options.config, text));
  pid_file.set_status(true, text);
}

}  // namespace metlog
