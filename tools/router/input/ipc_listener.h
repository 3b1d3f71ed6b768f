#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"

namespace metlog {

/// A listening AF_UNIX socket whose path is this process's as long as this lives. libzmq would
/// remove whatever lies at the path before it binds, and again when it closes; this removes only
/// the socket that it made.
///
/// `PATH.lock` beside the socket is locked (flock) meanwhile. It records the process and the
/// socket, so that a socket which a killed process left is known as ours and replaced. A name that
/// begins with `@` is abstract: it has no file, and the kernel keeps two from having it.
class IpcListener {
 public:
  /// Listens at `path`, which is as after ipc://; `*` makes a socket in a new directory below
  /// $TMPDIR or /tmp. Errors, each with the path and the next step: kInvalidArgument for a path
  /// that no socket can have, kFailedPrecondition when something is there that is not ours,
  /// kUnavailable when another process listens there or the system refuses.
  /// Errors name it as `scheme`://PATH. The socket has these `permissions` whatever the umask is;
  /// those that the umask leaves without any. An abstract name has none.
  static absl::StatusOr<IpcListener> open(std::string_view path, std::string_view scheme = "ipc",
                                          std::optional<mode_t> permissions = {});
  IpcListener(IpcListener&& other) noexcept = default;
  IpcListener& operator=(IpcListener&&) = delete;
  /// Removes the socket, unless another file lies at its path by now, and then the lock.
  ~IpcListener();

  /// The path as connecting peers write it.
  [[nodiscard]] const std::string& path() const { return path_; }
  /// The listening descriptor, which does not block.
  [[nodiscard]] int fd() const { return socket_.get(); }
  /// The same once more, for libzmq, which closes it; -1 when there are no more.
  [[nodiscard]] int duplicate() const;

  /// A file as the lock records it: numbers of inodes are used again, so the time, too.
  struct FileId {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t modified_ns = 0;

    friend bool operator==(const FileId&, const FileId&) = default;
  };

 private:
  IpcListener() = default;
  absl::Status make_directory();
  absl::Status take_lock();
  absl::Status make_room();
  absl::Status listen(std::optional<mode_t> permissions);
  [[nodiscard]] absl::Status record(const FileId& socket) const;
  [[nodiscard]] bool is_abstract() const { return path_.front() == '@'; }

  std::string path_;
  std::string lock_path_;
  std::string directory_;  // that was made for a `*`
  UniqueFd lock_;
  bool is_new_lock_ = false;  // else it names an earlier socket
  UniqueFd socket_;
  FileId made_;  // the socket's file
};

}  // namespace metlog
