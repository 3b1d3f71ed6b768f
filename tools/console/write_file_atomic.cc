#include "tools/console/write_file_atomic.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace metlog {
namespace {

absl::Status failed(std::string_view what, const std::string& path, int error) {
  return absl::UnavailableError(fmt::format(
      "cannot {} {}: {}. Name a file in a directory that exists and that you may write to", what,
      path, std::generic_category().message(error)));
}

std::string temporary_name(const std::string& path) { return fmt::format("{}.{}", path, getpid()); }

}  // namespace

absl::Status check_file_writable(const std::string& path) {
  const std::string temporary = temporary_name(path);
  std::FILE* file = std::fopen(temporary.c_str(), "we");
  if (file == nullptr) return failed("write", path, errno);
  std::fclose(file);
  std::remove(temporary.c_str());
  return absl::OkStatus();
}

absl::Status write_file_atomic(const std::string& path, std::string_view text) {
  const std::string temporary = temporary_name(path);
  std::FILE* file = std::fopen(temporary.c_str(), "we");
  if (file == nullptr) return failed("write", path, errno);
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int error = errno;
  if (std::fclose(file) != 0 || !written) {
    std::remove(temporary.c_str());
    return failed("write", path, written ? errno : error);
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    const int rename_error = errno;
    std::remove(temporary.c_str());
    return failed("rename to", path, rename_error);
  }
  return absl::OkStatus();
}

}  // namespace metlog
