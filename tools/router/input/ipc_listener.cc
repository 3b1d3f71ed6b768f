#include "tools/router/input/ipc_listener.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "metlog/internal/base/errno_status.h"

namespace metlog {
namespace {

constexpr int kBacklog = 128;
constexpr std::string_view kFirstLine = "metlog ipc lock\n";
constexpr std::size_t kMaxPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr const char* kAnotherPath = "name another path";

absl::Status refuse(std::string_view path, std::string_view what, std::string_view next_step) {
  return absl::FailedPreconditionError(fmt::format("{}: {}; {}", path, what, next_step));
}

absl::Status failed(std::string_view path, std::string_view what, int error,
                    std::string_view next_step) {
  return absl::UnavailableError(
      errno_status(error, fmt::format("{}: cannot {}", path, what), std::string(next_step))
          .message());
}

std::string_view kind_of(mode_t mode) {
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISREG(mode)) return "a file";
  if (S_ISFIFO(mode)) return "a named pipe";
  return "a device";
}

IpcListener::FileId id_of(const struct stat& status) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return {status.st_dev, status.st_ino, status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec};
}

std::optional<IpcListener::FileId> id_at(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  return id_of(status);
}

/// What a lock file says.
struct LockRecord {
  long pid = 0;
  IpcListener::FileId socket;
};

/// Always of one size, so that a record that replaces another one leaves nothing of it.
std::string text_of(const LockRecord& record) {
  return fmt::format("{}pid {:>20}\nsocket {:>20} {:>20} {:>20}\n", kFirstLine, record.pid,
                     record.socket.device, record.socket.inode, record.socket.modified_ns);
}

/// Nothing for a file that is not a lock of ours, byte for byte. An empty one is: its maker died
/// early.
std::optional<LockRecord> read_record(int fd) {
  char text[256] = {};
  const ssize_t size = ::pread(fd, text, sizeof text - 1, 0);
  LockRecord record;
  if (size == 0) return record;
  if (size < 0 || std::string_view(text).rfind(kFirstLine, 0) != 0) return std::nullopt;
  std::sscanf(text + kFirstLine.size(), "pid %ld\nsocket %" SCNu64 " %" SCNu64 " %" SCNd64,
              &record.pid, &record.socket.device, &record.socket.inode, &record.socket.modified_ns);
  if (text_of(record) != std::string_view(text, static_cast<std::size_t>(size)))
    return std::nullopt;
  return record;
}

/// True for the same inode. That of a socket is not used again while the socket is open.
bool is_same_inode(const std::optional<IpcListener::FileId>& one,
                   const IpcListener::FileId& other) {
  return one.has_value() && one->device == other.device && one->inode == other.inode;
}

sockaddr_un address_of(const std::string& path, socklen_t& size) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, kMaxPath);
  const bool is_abstract = path.front() == '@';
  if (is_abstract) address.sun_path[0] = '\0';
  size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (is_abstract ? 0 : 1));
  return address;
}

UniqueFd stream_socket() {
  return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/// True unless it is certain that no process has this socket open.
bool may_be_alive(const std::string& path) {
  const UniqueFd probe = stream_socket();
  socklen_t size = 0;
  const sockaddr_un address = address_of(path, size);
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0 ||
         errno != ECONNREFUSED;
}

absl::Status check_path(std::string_view path) {
  if (path.empty() || path == "@") {
    return absl::InvalidArgumentError(
        fmt::format("{}: the path is missing; write /run/metlog.ipc", path));
  }
  if (path.size() <= kMaxPath) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{}: the path has {} bytes and a socket's takes {} at most; name a shorter "
                  "one",
                  path, path.size(), kMaxPath));
}

}  // namespace

absl::StatusOr<IpcListener> IpcListener::open(std::string_view path, std::string_view scheme,
                                              std::optional<mode_t> permissions) {
  absl::Status status = check_path(path);
  IpcListener listener;
  listener.path_ = std::string(path);
  if (status.ok() && path == "*") status = listener.make_directory();
  if (status.ok() && !listener.is_abstract()) {
    listener.lock_path_ = listener.path_ + ".lock";
    status = listener.take_lock();
    if (status.ok()) status = listener.make_room();
  }
  if (status.ok()) status = listener.listen(permissions);
  if (status.ok()) return listener;
  return absl::Status(status.code(), fmt::format("{}://{}", scheme, std::string(status.message())));
}

IpcListener::~IpcListener() {
  // Nothing was made here, or it was moved away.
  if (!lock_.is_open()) {
    if (!directory_.empty()) ::rmdir(directory_.c_str());  // empty in what was moved from
    return;
  }
  struct stat held {};
  // Another program may have changed its times.
  if (made_.inode != 0 && is_same_inode(id_at(path_), made_)) ::unlink(path_.c_str());
  // While it is locked: a process that opened it meanwhile sees that it is gone, see take_lock().
  const bool is_mine = is_new_lock_ || made_.inode != 0;
  if (is_mine && ::fstat(lock_.get(), &held) == 0 && id_at(lock_path_) == id_of(held) &&
      read_record(lock_.get()).has_value()) {
    ::unlink(lock_path_.c_str());
  }
  if (!directory_.empty()) ::rmdir(directory_.c_str());
}

int IpcListener::duplicate() const {
  constexpr int kAboveStandard = 3;
  return ::fcntl(socket_.get(), F_DUPFD_CLOEXEC, kAboveStandard);
}

absl::Status IpcListener::make_directory() {
  const char* const named = std::getenv("TMPDIR");
  directory_ = named != nullptr && *named != '\0' ? named : "/tmp";
  directory_ += "/metlog-XXXXXX";
  if (::mkdtemp(directory_.data()) == nullptr) {
    const int error = errno;
    const std::string wanted = std::exchange(directory_, "");
    return failed("*", "make the directory " + wanted, error, "set TMPDIR to one, or name a path");
  }
  path_ = directory_ + "/socket";
  return check_path(path_);
}

absl::Status IpcListener::take_lock() {
  // A file that its holder removed before it was locked here is opened again.
  for (int tries = 0; tries < 100; ++tries) {
    UniqueFd fd(::open(lock_path_.c_str(),
                       O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600));
    if (!fd.is_open()) {
      return failed(path_, "make " + lock_path_, errno,
                    "name a path in a directory that exists and that you may write to");
    }
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_uid != ::geteuid() || !read_record(fd.get()).has_value()) {
      return refuse(path_, lock_path_ + " is needed as a lock, and it is no lock of this user's",
                    fmt::format("remove it if it is not needed, or {}", kAnotherPath));
    }
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return failed(path_, "lock " + lock_path_, errno, kAnotherPath);
      const long holder = read_record(fd.get()).value_or(LockRecord()).pid;
      return absl::UnavailableError(
          fmt::format("{}: cannot bind: {} listens there; name another path, or end it", path_,
                      holder != 0 ? fmt::format("process {}", holder) : "another process"));
    }
    if (::fstat(fd.get(), &status) != 0 || id_at(lock_path_) != id_of(status)) continue;
    lock_ = std::move(fd);
    is_new_lock_ = status.st_size == 0;
    return absl::OkStatus();
  }
  return refuse(path_, lock_path_ + " comes and goes", kAnotherPath);
}

absl::Status IpcListener::make_room() {
  struct stat status {};
  if (::lstat(path_.c_str(), &status) != 0) {
    return errno == ENOENT ? record({}) : failed(path_, "look there", errno, kAnotherPath);
  }
  if (!S_ISSOCK(status.st_mode)) {
    return refuse(path_, fmt::format("{} is there, and no socket", kind_of(status.st_mode)),
                  kAnotherPath);
  }
  if (may_be_alive(path_)) {
    return absl::UnavailableError(fmt::format(
        "{}: cannot bind: another program listens there; name another path, or end it", path_));
  }
  const LockRecord before = read_record(lock_.get()).value_or(LockRecord());
  if (before.socket != id_of(status)) {
    return refuse(path_, "a socket without a listener is there, and not known as one of metlog's",
                  fmt::format("remove it if it is not needed (rm {}), or {}", path_, kAnotherPath));
  }
  if (::unlink(path_.c_str()) != 0) {
    return failed(path_, "remove the socket of a run that was killed", errno, kAnotherPath);
  }
  return record({});
}

absl::Status IpcListener::listen(std::optional<mode_t> permissions) {
  socket_ = stream_socket();
  if (!socket_.is_open()) {
    return failed(path_, "make a socket", errno, "raise the limit of open files (ulimit -n)");
  }
  socklen_t size = 0;
  const sockaddr_un address = address_of(path_, size);
  if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    return failed(path_, "bind", errno,
                  errno == EADDRINUSE ? "name another path, or end the program that listens there"
                                      : "name a path that you may write to");
  }
  if (!is_abstract()) {
    made_ = id_at(path_).value_or(FileId());
    if (absl::Status status = record(made_); !status.ok()) return status;
    // Before it listens, so that no peer has connected under other permissions.
    if (permissions.has_value() && ::chmod(path_.c_str(), *permissions) != 0) {
      return failed(path_, "set its permissions", errno, kAnotherPath);
    }
  }
  if (::listen(socket_.get(), kBacklog) == 0) return absl::OkStatus();
  return failed(path_, "listen", errno, kAnotherPath);
}

absl::Status IpcListener::record(const FileId& socket) const {
  const std::string text = text_of({::getpid(), socket});
  const auto size = static_cast<ssize_t>(text.size());
  // Written before it is cut, so that it is a lock of ours at every moment.
  if (::pwrite(lock_.get(), text.data(), text.size(), 0) == size &&
      ::ftruncate(lock_.get(), size) == 0) {
    return absl::OkStatus();
  }
  return failed(path_, "write " + lock_path_, errno, "free some space, or name another path");
}

}  // namespace metlog
