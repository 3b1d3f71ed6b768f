#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace metlog {

/// How the system calls one of our threads, and where and how urgently it runs.
struct ThreadPlace {
  std::string name;         // 15 bytes at most
  std::optional<int> nice;  // -20 to 19; nothing: that of the thread that starts it
  std::vector<int> cpus;    // sorted; none: those of the thread that starts it

  /// Moves the calling thread there; no other thread of the process is changed. What the system
  /// refuses is left as it is: kInvalidArgument for a CPU that the process may not use,
  /// kPermissionDenied for a nice value.
  [[nodiscard]] absl::Status enter() const;
  /// The same for a thread that runs in any case; says the first refusals on standard error.
  void enter_or_say() const;
  /// Returns what enter() returns on a thread that is started for it and has ended then. Errors
  /// also as start_thread().
  [[nodiscard]] absl::Status check() const;
  /// Calls `body` there, so that threads which it starts are there, too: on a thread of its own, or
  /// here when there is no place to go to or no thread to be had. What `body` throws, this throws.
  /// The calling thread waits, with the locks that it holds: the other one has the mark of an
  /// OwnThread, by which code that is called from `body` knows not to wait for such a lock.
  void run(const std::function<void()>& body) const;

 private:
  [[nodiscard]] bool is_anywhere() const { return cpus.empty() && !nice.has_value(); }
};

/// Reads CPU numbers and ranges as taskset, cpusets and systemd write them, `0,2-3`, and sorts
/// them. kInvalidArgument tells which part is wrong and what it takes.
absl::StatusOr<std::vector<int>> parse_cpu_list(std::string_view text);

}  // namespace metlog
