#include "metlog/internal/engine/startup_recovery.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/base/own_thread.h"
#include "metlog/internal/base/start_thread.h"
#include "metlog/internal/engine/engine_state.h"
#include "metlog/internal/recovery/recovery.h"
#include "metlog/internal/recovery/session_list.h"
#include "metlog/internal/session/session.h"

namespace metlog {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// So many sessions are looked at by the thread that opens the first client, some us each.
constexpr std::size_t kMostLooks = 8;
// What the engine's rings and batches shall find, at most an eighth of the file system.
constexpr std::uint64_t kRoomBytes = std::uint64_t{16} << 20;

// A session that nobody can read must not end every start of the program.
constexpr std::uint32_t kMaxAttempts = 20;

/// What the operator has chosen, if anything.
Recover chosen(Recover option) {
  const char* const value = std::getenv("METLOG_RECOVER");
  if (value == nullptr || *value == '\0') return option;
  const std::string_view word(value);
  if (word == "all") return Recover::kAll;
  if (word == "own") return Recover::kOwnProgram;
  if (word != "none") {
    diagnose("METLOG_RECOVER is '%.40s'; it takes all, own or none, and is taken for none", value);
  }
  return Recover::kNone;
}

void say(const std::vector<RecoveryReport>& reports) {
  for (const RecoveryReport& report : reports) {
    if (report.purged == 0) continue;
    diagnose(
        "%llu messages that '%s' (%u) left when it died were thrown away (session %s, %llu bytes): "
        "what dead processes have left is above EngineOptions::leftover_bytes; see whether its "
        "destination takes messages",
        static_cast<unsigned long long>(report.purged), report.app.c_str(), report.pid,
        report.session.c_str(), static_cast<unsigned long long>(report.freed_bytes));
  }
  for (const RecoveryReport& report : reports) {
    if (report.complaints.empty()) continue;
    static constinit DiagnosticLimit limit;
    diagnose_seldom(limit,
                    "what session %s left when its process died is not all delivered, and %s: %s",
                    report.session.c_str(),
                    report.is_removed ? "was thrown away to make room"
                                      : "stays for the next start or `metlog recover`",
                    report.complaints.front().c_str());
  }
}

}  // namespace

StartupRecovery::StartupRecovery(const EngineOptions& options, Engine::Threads threads)
    : owner_pid_(::getpid()) {
  const Recover scope = chosen(options.recover);
  if (scope == Recover::kNone || threads == Engine::Threads::kNone ||
      options.session_directory == "none") {
    return;
  }
  task_ = std::make_shared<Task>();
  task_->directory = options.session_directory;
  task_->scope = scope;
  task_->program = Session::program_name();
  task_->leftover_bytes = options.leftover_bytes;
  task_->place = place_of(options, "metlog-recover", "-recov");
  make_room();
}

void StartupRecovery::make_room() {
  const absl::StatusOr<UniqueFd> fd = open_sessions(task_->directory);
  if (!fd.ok()) return;
  const auto has_room = [&fd] {
    const FileSystemRoom room = file_system_room(fd->get());
    return room.free >= std::min(kRoomBytes, room.all / 8);
  };
  if (has_room()) return;
  RecoveryOptions recovery_options;
  recovery_options.max_attempts = kMaxAttempts;
  absl::StatusOr<std::unique_ptr<Recovery>> recovery =
      Recovery::open(task_->directory, recovery_options);
  if (!recovery.ok()) return;
  say((*recovery)->purge_above(leftover_limit(fd->get(), task_->leftover_bytes), has_room));
}

void StartupRecovery::start() {
  // relaxed: who is first starts it
  if (task_ == nullptr || has_started_.load(std::memory_order_relaxed) ||
      has_started_.exchange(true, std::memory_order_relaxed) || ::getpid() != owner_pid_) {
    return;
  }
  const absl::StatusOr<UniqueFd> fd = open_sessions(task_->directory);
  if (!fd.ok() || !may_have_dead_session(fd->get(), kMostLooks)) return;
  const std::lock_guard lock(mutex_);
  if (task_->stopping.load(std::memory_order_relaxed)) return;  // relaxed: under the mutex
  // Without a thread the next start does it.
  start_thread(thread_, "the recovery's", [task = task_] { task->run(); }).IgnoreError();
}

void StartupRecovery::stop() {
  // A forked child has no such thread: nothing of it may be destroyed.
  if (::getpid() != owner_pid_) {
    if (thread_.joinable()) new std::thread(std::move(thread_));
    return;
  }
  ask_to_stop();
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) return;
  const steady_clock::time_point deadline = steady_clock::now() + milliseconds(100);
  // acquire: pairs with the release in run()
  while (!task_->is_done.load(std::memory_order_acquire) && steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  if (task_->is_done.load(std::memory_order_acquire)) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

void StartupRecovery::Task::run() {
  const OwnThread mark;
  place.enter_or_say();
  try {
    recover();
  } catch (const std::exception&) {
    // No memory: the next start has some.
  }
  is_done.store(true, std::memory_order_release);  // pairs with the acquires in stop()
}

void StartupRecovery::Task::recover() {
  RecoveryOptions options;
  options.should_stop = [this] { return stopping.load(std::memory_order_relaxed); };  // a flag
  options.rule = DestinationRule::of_program(program);
  options.max_attempts = kMaxAttempts;
  if (scope == Recover::kOwnProgram) options.only_program = program;
  absl::StatusOr<std::unique_ptr<Recovery>> recovery = Recovery::open(directory, options);
  if (!recovery.ok()) return;
  say((*recovery)->recover_all());
  if (options.should_stop()) return;
  say((*recovery)->purge_above(leftover_limit((*recovery)->directory_fd(), leftover_bytes),
                               options.should_stop));
}

}  // namespace metlog
