#include "tools/router/transport/file_root.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/errno_status.h"
#include "senders/file/file_settings.h"

namespace metlog {
namespace {

constexpr int kFolderFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;
constexpr int kFileFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

/// Opens a path that cannot leave the folder.
UniqueFd open_beneath(int folder, const std::string& path, int flags, mode_t mode) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  UniqueFd fd(static_cast<int>(::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how)));
  if (fd.is_open() || (errno != ENOSYS && errno != EPERM)) return fd;
  // No such call, or a sandbox that does not know it: folder by folder, without links.
  UniqueFd at;
  std::size_t begin = 0;
  for (std::size_t slash = 0; (slash = path.find('/', begin)) != std::string::npos;
       begin = slash + 1) {
    UniqueFd next(::openat(at.is_open() ? at.get() : folder,
                           path.substr(begin, slash - begin).c_str(), kFolderFlags | O_NOFOLLOW));
    if (!next.is_open()) return next;
    at = std::move(next);
  }
  return UniqueFd(::openat(at.is_open() ? at.get() : folder, path.substr(begin).c_str(),
                           flags | O_NOFOLLOW, mode));
}

}  // namespace

absl::StatusOr<std::shared_ptr<FileRoot>> FileRoot::open(const std::string& path,
                                                         const Modes& modes) {
  std::shared_ptr<FileRoot> root(new FileRoot(path, modes));
  const int error = root->open_root();
  if (error == 0) return root;
  return errno_status(error, absl::StrCat("cannot open the folder '", path, "'"),
                      absl::StrCat("make it, or let user ", ::geteuid(), " do so"));
}

/// Opens it if it is not open, or no longer what its path names. Returns 0 or an errno.
int FileRoot::open_root() {
  const std::string path = path_.empty() ? "/" : path_;
  struct stat ours {};
  struct stat named {};
  if (root_.is_open() && ::fstat(root_.get(), &ours) == 0 && ::stat(path.c_str(), &named) == 0 &&
      ours.st_ino == named.st_ino && ours.st_dev == named.st_dev) {
    return 0;
  }
  root_ = UniqueFd(::open(path.c_str(), kFolderFlags));
  if (!root_.is_open() && errno == ENOENT && make_directories(path, modes_.folder)) {
    root_ = UniqueFd(::open(path.c_str(), kFolderFlags));
  }
  return root_.is_open() ? 0 : errno;
}

UniqueFd FileRoot::open_file(const std::string& path) {
  if (const int error = open_root(); error != 0) {
    errno = error;
    return {};
  }
  UniqueFd fd = open_beneath(root_.get(), path, kFileFlags, modes_.file);
  if (!fd.is_open() && errno == ENOENT && make_folders(path)) {
    fd = open_beneath(root_.get(), path, kFileFlags, modes_.file);
  }
  struct stat status {};
  if (fd.is_open() && ::fstat(fd.get(), &status) == 0 && !S_ISREG(status.st_mode)) {
    errno = ENOTSUP;
    return {};
  }
  return fd;
}

/// Makes the folders of a file, each in one that was opened beneath the root.
bool FileRoot::make_folders(const std::string& path) {
  std::string parent;
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const UniqueFd opened =
        parent.empty() ? UniqueFd() : open_beneath(root_.get(), parent, kFolderFlags, 0);
    if (!parent.empty() && !opened.is_open()) return false;
    const std::size_t begin = parent.empty() ? 0 : parent.size() + 1;
    const std::string name = path.substr(begin, slash - begin);
    if (::mkdirat(opened.is_open() ? opened.get() : root_.get(), name.c_str(), modes_.folder) !=
            0 &&
        errno != EEXIST) {
      return false;
    }
    parent = path.substr(0, slash);
  }
  return true;
}

UniqueFd FileRoot::open_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return open_beneath(root_.get(), slash == std::string::npos ? "." : path.substr(0, slash),
                      kFolderFlags, 0);
}

}  // namespace metlog
