#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"

namespace metlog {

/// A folder that no path below it leaves: neither by `..`, nor by a symbolic link, nor by a mount
/// of the kernel's (openat2(2), RESOLVE_BENEATH). On kernels before 5.6 symbolic links below it are
/// refused. Used by one thread.
class FileRoot {
 public:
  struct Modes {
    mode_t file = 0640;  // both less the process's umask
    mode_t folder = 0750;
  };

  /// Opens the folder, and makes it and its parents where they are missing. Errors carry the
  /// system's reason.
  static absl::StatusOr<std::shared_ptr<FileRoot>> open(const std::string& path,
                                                        const Modes& modes);

  /// Opens a regular file for appending, and makes it and its folders. None with an errno: EXDEV
  /// for a path that leaves the root, ENOTSUP for one that is no regular file.
  [[nodiscard]] UniqueFd open_file(const std::string& path);
  /// Opens the folder of the file. None with an errno.
  [[nodiscard]] UniqueFd open_folder_of(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  FileRoot(std::string path, const Modes& modes) : path_(std::move(path)), modes_(modes) {}
  int open_root();
  [[nodiscard]] bool make_folders(const std::string& path);

  const std::string path_;
  const Modes modes_;
  UniqueFd root_;
};

}  // namespace metlog
