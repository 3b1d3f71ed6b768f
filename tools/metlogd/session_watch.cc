#include "tools/metlogd/session_watch.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/base/start_thread.h"
#include "metlog/internal/recovery/session_list.h"
#include "tools/console/escape_for_terminal.h"

namespace metlog {
namespace {

using std::chrono::seconds;

constexpr seconds kFirstPatience{5};
constexpr seconds kLongestPatience{60};
constexpr int kLookMs = 1000;
// Whether the directory is still there, which no event tells while it is open.
constexpr int kLookForDirectoryMs = 3000;
// A session that nobody can read must not end every start of metlogd.
constexpr std::uint32_t kMaxAttempts = 20;
// More would be for somebody who reads; what is older has been counted in the streams.
constexpr std::size_t kMostLines = 1000;

std::string line_of(const RecoveryReport& report) {
  const std::string how = report.signal == 0 ? "" : fmt::format(" by signal {}", report.signal);
  std::string line =
      fmt::format("{} ({}) died{}: {} of {} messages delivered", escape_for_terminal(report.app),
                  report.pid, how, report.sent, report.found());
  if (report.left != 0) line += fmt::format(", {} left for later", report.left);
  if (report.lost != 0) line += fmt::format(", {} too long", report.lost);
  if (report.undecodable != 0) line += fmt::format(", {} unreadable", report.undecodable);
  return line;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SessionWatch>> SessionWatch::start(const std::string& directory) {
  std::unique_ptr<SessionWatch> watch(new SessionWatch(
      directory.empty() ? fmt::format("/dev/shm/metlog-{}", ::geteuid()) : directory));
  if (directory.empty()) ::mkdir(watch->path_.c_str(), 0700);
  absl::Status status = watch->open();
  if (!status.ok()) return status;
  watch->stop_fd_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!watch->stop_fd_.is_open()) return errno_status(errno, "no eventfd", "free some descriptors");
  status = start_thread(watch->thread_, "that of --recover", [raw = watch.get()] { raw->run(); });
  if (!status.ok()) return status;
  return watch;
}

absl::Status SessionWatch::open() {
  RecoveryOptions options;
  options.should_stop = [this] {
    return stopping_.load(std::memory_order_relaxed);  // relaxed: a flag
  };
  options.rule = DestinationRule::of_router();
  options.max_attempts = kMaxAttempts;
  absl::StatusOr<std::unique_ptr<Recovery>> recovery = Recovery::open(path_, std::move(options));
  if (!recovery.ok()) return recovery.status();
  UniqueFd watch_fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  constexpr std::uint32_t kEvents = IN_MOVED_TO | IN_ONLYDIR;
  if (!watch_fd.is_open() || ::inotify_add_watch(watch_fd.get(), path_.c_str(), kEvents) < 0) {
    return errno_status(errno, "cannot watch '" + path_ + "'",
                        "raise fs.inotify.max_user_instances, or give --recover none");
  }
  recovery_ = *std::move(recovery);
  watch_fd_ = std::move(watch_fd);
  return absl::OkStatus();
}

/// True when the path names another directory, or none.
bool SessionWatch::is_gone() const {
  struct stat ours {};
  struct stat named {};
  return ::fstat(recovery_->directory_fd(), &ours) != 0 || ::stat(path_.c_str(), &named) != 0 ||
         ours.st_ino != named.st_ino || ours.st_dev != named.st_dev;
}

void SessionWatch::stop() {
  stopping_.store(true, std::memory_order_relaxed);  // relaxed: a flag
  if (!thread_.joinable()) return;
  ::eventfd_write(stop_fd_.get(), 1);
  thread_.join();
}

std::vector<SessionWatch::Line> SessionWatch::take_lines() {
  const std::lock_guard lock(mutex_);
  return std::exchange(lines_, {});
}

void SessionWatch::run() {
  while (true) {
    // Who removed the directory may make another one, as the next program does.
    const bool is_lost = is_gone() && !open().ok();
    const int wait_ms = is_lost ? kLookMs : look();
    pollfd fds[] = {{stop_fd_.get(), POLLIN, 0}, {watch_fd_.get(), POLLIN, 0}};
    ::poll(fds, 2, wait_ms);
    if (stopping_.load(std::memory_order_relaxed)) return;  // relaxed: a flag
    // What has come does not matter: look() looks at all.
    alignas(inotify_event) char events[4096];
    while (::read(watch_fd_.get(), events, sizeof events) > 0) {
    }
  }
}

int SessionWatch::look() {
  const bool tries_again = !left_.empty() && Clock::now() >= next_try_;
  const std::vector<ListedSession> sessions = list_sessions(recovery_->directory_fd());
  const std::set<std::string> left_before = left_;
  bool has_living = false;
  bool has_recovered = false;
  recovery_->begin_pass();
  for (const ListedSession& session : sessions) {
    has_living |= !session.is_dead;
    if (!session.is_dead || (left_.count(session.name) != 0 && !tries_again)) continue;
    if (stopping_.load(std::memory_order_relaxed)) return 0;  // relaxed: a flag
    recover(session.name);
    has_recovered = true;
  }
  std::erase_if(left_, [&](const std::string& name) {
    return std::none_of(sessions.begin(), sessions.end(),
                        [&](const ListedSession& session) { return session.name == name; });
  });
  if (has_recovered) {
    const std::uint64_t limit = leftover_limit(recovery_->directory_fd(), std::nullopt);
    for (const RecoveryReport& report : recovery_->purge_above(limit, [this] {
           return stopping_.load(std::memory_order_relaxed);  // relaxed: a flag
         })) {
      note(report);
    }
  }
  if (tries_again || left_ != left_before) {
    patience_ = tries_again ? std::min<Clock::duration>(2 * patience_, kLongestPatience)
                            : Clock::duration(kFirstPatience);
    next_try_ = Clock::now() + patience_;
  }
  if (has_living) return kLookMs;
  if (left_.empty()) return kLookForDirectoryMs;
  const auto until_next = std::chrono::ceil<std::chrono::milliseconds>(next_try_ - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(until_next.count(), 0));
}

void SessionWatch::recover(const std::string& session) {
  const absl::StatusOr<RecoveryReport> report = recovery_->recover(session);
  if (report.ok()) {
    note(*report);
  } else if (!absl::IsFailedPrecondition(report.status()) && !absl::IsNotFound(report.status())) {
    // One that another process recovers, or that is gone, is no fault.
    if (left_.insert(session).second) {
      add_line(escape_for_terminal(std::string(report.status().message())), true);
    }
  }
}

/// What is left of a session is said once.
void SessionWatch::note(const RecoveryReport& report) {
  if (report.purged != 0) {
    add_line(fmt::format("{} messages that {} ({}) left were thrown away: what dead processes have "
                         "left takes too much memory",
                         grouped(report.purged), escape_for_terminal(report.app), report.pid),
             true);
    return;
  }
  if (report.is_removed && report.freed_bytes != 0) {
    add_line(escape_for_terminal(report.session) + " was thrown away to make room", true);
    return;
  }
  const bool is_new = left_.count(report.session) == 0;
  if (report.is_removed) {
    left_.erase(report.session);
    add_line(line_of(report), false);
    return;
  }
  left_.insert(report.session);
  if (!is_new) return;
  add_line(line_of(report), false);
  for (const std::string& complaint : report.complaints) {
    add_line(escape_for_terminal(complaint), true);
  }
}

void SessionWatch::add_line(std::string text, bool is_complaint) {
  const std::lock_guard lock(mutex_);
  if (lines_.size() < kMostLines) lines_.push_back({std::move(text), is_complaint});
}

}  // namespace metlog
