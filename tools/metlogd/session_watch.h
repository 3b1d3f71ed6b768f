#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/recovery/recovery.h"

namespace metlog {

/// Delivers what processes have left in a directory of sessions when they died, on a thread of its
/// own: those that are dead when it starts at once, others within about a second of their death.
/// Each goes to the destinations that it had, which may be this router; see DestinationRule.
///
/// The thread sleeps, but for a look every 3 s, while there is no session. While programs have some
/// it looks every second whether they hold their locks. What cannot be delivered is tried again
/// after 5 s, and then less and less often.
class SessionWatch {
 public:
  /// Watches `directory`, empty for /dev/shm/metlog-<uid>, which is made when it is missing. Errors
  /// as open_sessions(), and of the system's watches and threads.
  static absl::StatusOr<std::unique_ptr<SessionWatch>> start(const std::string& directory);
  /// Stops at once; what is not delivered stays.
  ~SessionWatch() { stop(); }
  SessionWatch(const SessionWatch&) = delete;
  SessionWatch& operator=(const SessionWatch&) = delete;

  void stop();

  /// Something for a person.
  struct Line {
    std::string text;
    bool is_complaint = false;
  };
  /// Returns what became of sessions since the last call. Any thread.
  std::vector<Line> take_lines();

 private:
  using Clock = std::chrono::steady_clock;

  explicit SessionWatch(std::string path) : path_(std::move(path)) {}
  /// Opens the directory and watches it; again when it was removed.
  absl::Status open();
  [[nodiscard]] bool is_gone() const;
  void run();
  /// Recovers those that are dead. Returns how long to wait for an event, in ms.
  int look();
  void recover(const std::string& session);
  void note(const RecoveryReport& report);
  void add_line(std::string text, bool is_complaint);

  const std::string path_;
  std::unique_ptr<Recovery> recovery_;
  UniqueFd watch_fd_;  // inotify: sessions that come and go
  UniqueFd stop_fd_;   // eventfd
  std::atomic<bool> stopping_{false};
  std::set<std::string> left_;  // sessions that could not be delivered
  Clock::time_point next_try_;  // of those
  Clock::duration patience_{};
  std::mutex mutex_;
  std::vector<Line> lines_;
  std::thread thread_;
};

}  // namespace metlog
