#include "metlog/internal/recovery/session_list.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/recovery/dead_session.h"

namespace metlog {
namespace {

using FileId = std::pair<dev_t, ino_t>;

/// Calls `use` with the name of each entry but `.` and `..`, until it returns false.
void for_each_entry(int directory_fd, const std::function<bool(const std::string&)>& use) {
  const int listing_fd =
      ::openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);  // with an offset of its own
  DIR* const listing = listing_fd >= 0 ? ::fdopendir(listing_fd) : nullptr;
  if (listing == nullptr) return;
  while (const dirent* const entry = ::readdir(listing)) {
    const std::string name = entry->d_name;
    if (name != "." && name != ".." && !use(name)) break;
  }
  ::closedir(listing);
}

/// The files that this process has open; listed when they are asked for first.
class OpenFiles {
 public:
  bool has(const FileId& file) {
    if (!files_.has_value()) list();
    return files_->count(file) != 0;
  }

 private:
  void list() {
    files_.emplace();
    const UniqueFd fds(::open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fds.is_open()) return;
    for_each_entry(fds.get(), [this](const std::string& number) {
      struct stat status {};
      if (::fstat(std::atoi(number.c_str()), &status) == 0) {
        files_->emplace(status.st_dev, status.st_ino);
      }
      return true;
    });
  }

  std::optional<std::set<FileId>> files_;
};

UniqueFd open_session_file(int parent_fd, const std::string& name) {
  const std::string path = name + "/session";
  return UniqueFd(
      ::openat(parent_fd, path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
}

/// True when no other process holds the lock.
bool has_no_lock(int fd) {
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  return ::fcntl(fd, F_GETLK, &whole) == 0 && whole.l_type == F_UNLCK;
}

bool is_unlocked(int parent_fd, const std::string& name) {
  const UniqueFd fd = open_session_file(parent_fd, name);
  return fd.is_open() && has_no_lock(fd.get());
}

/// Reads when the session began and whether a process has its lock.
void look_at(int parent_fd, OpenFiles& open_files, ListedSession& session) {
  const std::string path = session.name + "/session";
  struct stat status {};
  if (::fstatat(parent_fd, path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
      open_files.has({status.st_dev, status.st_ino})) {
    return;
  }
  if (!S_ISREG(status.st_mode)) {
    session.is_dead = true;  // whoever opens it says what is wrong
    return;
  }
  const UniqueFd fd = open_session_file(parent_fd, session.name);
  if (!fd.is_open()) return;
  session.is_dead = has_no_lock(fd.get());
  (void)!::pread(fd.get(), &session.started_ns, sizeof session.started_ns,
                 offsetof(SessionHeader, started_ns));
}

}  // namespace

absl::StatusOr<UniqueFd> open_sessions(const std::string& directory) {
  const std::string path =
      directory.empty() ? absl::StrCat("/dev/shm/metlog-", ::geteuid()) : directory;
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.is_open()) {
    return errno_status(errno, absl::StrCat("cannot open '", path, "'"),
                        "name the directory of sessions that the programs used");
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || status.st_uid != ::geteuid() ||
      (status.st_mode & 022) != 0) {
    return absl::PermissionDeniedError(absl::StrCat(
        "'", path, "' belongs to another user, or others may write there; run as its owner"));
  }
  return fd;
}

std::vector<ListedSession> list_sessions(int parent_fd) {
  std::vector<ListedSession> sessions;
  OpenFiles open_files;
  for_each_entry(parent_fd, [&](const std::string& name) {
    if (name[0] == '.') return true;
    sessions.push_back({name});
    look_at(parent_fd, open_files, sessions.back());
    return true;
  });
  std::sort(sessions.begin(), sessions.end(), [](const auto& a, const auto& b) {
    return std::tie(a.started_ns, a.name) < std::tie(b.started_ns, b.name);
  });
  return sessions;
}

bool may_have_dead_session(int parent_fd, std::size_t most) {
  bool has_one = false;
  for_each_entry(parent_fd, [&](const std::string& name) {
    if (name[0] == '.' || has_one) return !has_one;
    const pid_t pid = pid_in(name);
    struct stat status {};
    if (pid == ::getpid()) {
      // Of an earlier process, as in a container, if it is not ours.
      has_one = ::fstatat(parent_fd, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                !Session::is_of_this_process(status.st_dev, status.st_ino);
      return !has_one;
    }
    const bool is_gone = pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
    has_one = is_gone || most-- == 0 || is_unlocked(parent_fd, name);
    return !has_one;
  });
  return has_one;
}

pid_t pid_in(const std::string& name) {
  const std::size_t id_at = name.rfind('.');
  if (id_at == std::string::npos || id_at == 0) return 0;
  const std::size_t pid_at = name.rfind('.', id_at - 1) + 1;
  return std::atoi(name.substr(pid_at, id_at - pid_at).c_str());
}

void remove_remains(int parent_fd) {
  for_each_entry(parent_fd, [parent_fd](const std::string& name) {
    if (name.starts_with(".new.")) DeadSession::remove_unborn(parent_fd, name);
    struct stat status {};
    const std::string file = name + "/session";
    // Who removed a session died before the last step; nothing happens unless it is empty.
    if (name[0] != '.' && ::fstatat(parent_fd, file.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 &&
        errno == ENOENT) {
      ::unlinkat(parent_fd, name.c_str(), AT_REMOVEDIR);
    }
    return true;
  });
}

std::uint64_t session_bytes(int parent_fd, const std::string& name) {
  constexpr std::uint64_t kBlockBytes = 512;  // of st_blocks
  const UniqueFd fd(
      ::openat(parent_fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  std::uint64_t bytes = 0;
  if (!fd.is_open()) return bytes;
  for_each_entry(fd.get(), [&](const std::string& file) {
    struct stat status {};
    if (::fstatat(fd.get(), file.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
      bytes += static_cast<std::uint64_t>(status.st_blocks) * kBlockBytes;
    }
    return true;
  });
  return bytes;
}

FileSystemRoom file_system_room(int parent_fd) {
  struct statvfs status {};
  if (::fstatvfs(parent_fd, &status) != 0) return {};
  return {std::uint64_t{status.f_blocks} * status.f_frsize,
          std::uint64_t{status.f_bavail} * status.f_frsize};
}

}  // namespace metlog
