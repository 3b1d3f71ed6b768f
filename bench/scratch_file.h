#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace metlog {

/// The name of a temporary file in TMPDIR; the destructor removes the file. Set TMPDIR to a
/// directory of the disk to be measured.
class ScratchFile {
 public:
  ScratchFile() {
    std::string name = "metlog-bench-";
    name.append(std::to_string(getpid()));
    path_ = (std::filesystem::temp_directory_path() / name).string();
  }
  ~ScratchFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace metlog
