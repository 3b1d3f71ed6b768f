#pragma once

#include <sys/mount.h>

#include <filesystem>
#include <utility>

namespace metlog {

/// A tmpfs of a given size, while it lives. Only root may mount one.
class SmallFileSystem {
 public:
  SmallFileSystem(std::filesystem::path path, const char* options) : path_(std::move(path)) {
    std::filesystem::create_directory(path_);
    is_mounted_ = mount("tmpfs", path_.c_str(), "tmpfs", 0, options) == 0;
  }
  ~SmallFileSystem() {
    if (is_mounted_) umount2(path_.c_str(), MNT_DETACH);
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  SmallFileSystem(const SmallFileSystem&) = delete;
  SmallFileSystem& operator=(const SmallFileSystem&) = delete;

  [[nodiscard]] bool is_mounted() const { return is_mounted_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  bool is_mounted_;
};

}  // namespace metlog
