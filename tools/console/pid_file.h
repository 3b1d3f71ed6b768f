#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace metlog {

// The files by which `metlog reload` finds a metlogd and learns what became of its request: the pid
// file, a number and a newline, and FILE.status.

/// The number of a process in a file. kNotFound without the file, kInvalidArgument for anything but
/// a number.
absl::StatusOr<pid_t> read_pid_file(const std::string& path);

/// True when this process runs and is a metlogd.
bool is_running_router(pid_t pid);

/// What became of the last reload.
struct ReloadStatus {
  std::uint64_t number = 0;  // of reloads so far
  bool is_reloaded = false;
  std::string text;  // what changed, or why nothing did
};

/// Where a metlogd with a status server writes the address of it, and that address:
/// http://HOST:PORT; empty when it has none.
std::string http_file_of(const std::string& pid_file);
std::string read_http_file(const std::string& pid_file);

std::string status_file_of(const std::string& pid_file);
std::string reload_status_text(const ReloadStatus& status);
/// Number 0 when there is no such file.
ReloadStatus read_reload_status(const std::string& pid_file);

}  // namespace metlog
