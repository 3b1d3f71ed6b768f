#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "metlog/internal/base/unique_fd.h"

namespace metlog {

/// The contents of a directory and of all below it, as another process changes them: what would be
/// there if that died now. A look costs some microseconds.
class TreeImage {
 public:
  explicit TreeImage(std::filesystem::path root) : root_(std::move(root)) {}

  /// Reads everything; true when anything differs from what the last look has found. Names and
  /// sizes are as they were if the other process has made no system call since.
  bool look(bool may_have_called_system = true);
  /// Makes `to`, which has nothing but what an earlier copy_to() put there, equal to what the last
  /// look has found; what is a hole there is one here, too. The other process must stand still.
  void copy_to(const std::filesystem::path& to) const;

  struct File {
    std::filesystem::path path;  // below the root
    std::string contents;
    UniqueFd fd;
  };
  [[nodiscard]] const std::vector<File>& files() const { return files_; }

 private:
  struct Directory {
    std::filesystem::path path;
    std::string listing;  // as the kernel writes it
    UniqueFd fd;
  };
  [[nodiscard]] bool has_other_names();
  void list();

  const std::filesystem::path root_;
  std::vector<Directory> directories_;  // parents first
  std::vector<File> files_;
  std::string scratch_;
};

}  // namespace metlog
