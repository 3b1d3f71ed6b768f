#include "tools/console/write_file_atomic.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>

namespace metlog {
namespace {

absl::Status failed(std::string_view what, const std::string& path, int error) {
  return absl::UnavailableError(fmt::format(
      "cannot {} {}: {}. Name a file in a directory that exists and that you may write to", what,
      path, std::generic_category().message(error)));
}

/// The path that a rename goes to: the target of all symbolic links. The path itself while there is
/// no target.
std::string target_of(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real == nullptr ? path : real.get();
}

/// True for a device or a pipe, such as /dev/stdout: it is written to and never replaced.
bool is_stream(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

/// Makes a file that was not there; no other program's file is ever opened. Null with errno set.
std::FILE* make_temporary(const std::string& target, std::string& temporary) {
  constexpr int kTries = 100;
  for (int i = 0; i < kTries; ++i) {
    temporary = fmt::format("{}.{}.{}", target, getpid(), i);
    std::FILE* const file = std::fopen(temporary.c_str(), "wxe");
    if (file != nullptr || errno != EEXIST) return file;
  }
  return nullptr;
}

/// Returns 0 or the errno; closes the file.
int write_and_close(std::FILE* file, std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int error = errno;
  if (std::fclose(file) != 0) return written ? errno : error;
  return written ? 0 : error;
}

}  // namespace

absl::Status check_file_writable(const std::string& path) {
  if (is_stream(path)) {
    return ::access(path.c_str(), W_OK) == 0 ? absl::OkStatus() : failed("write", path, errno);
  }
  std::string temporary;
  std::FILE* file = make_temporary(target_of(path), temporary);
  if (file == nullptr) return failed("write", path, errno);
  std::fclose(file);
  std::remove(temporary.c_str());
  return absl::OkStatus();
}

absl::Status write_file_atomic(const std::string& path, std::string_view text) {
  const bool is_replaced = !is_stream(path);
  const std::string target = target_of(path);
  std::string temporary;
  std::FILE* const file =
      is_replaced ? make_temporary(target, temporary) : std::fopen(path.c_str(), "ae");
  if (file == nullptr) return failed("write", path, errno);
  int error = write_and_close(file, text);
  if (error == 0 && is_replaced && std::rename(temporary.c_str(), target.c_str()) != 0) {
    error = errno;
  }
  if (error == 0) return absl::OkStatus();
  if (is_replaced) std::remove(temporary.c_str());
  return failed("write", path, error);
}

}  // namespace metlog
