#include "tools/metlog/followed_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>

namespace metlog {
namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;
using Chunk = std::array<char, kChunkBytes>;

/// Returns the offset of the last `count` messages. An incomplete line, which is still being
/// written, follows them and is not counted.
off_t start_of_last_messages(int fd, off_t size, std::uint64_t wanted) {
  Chunk chunk;
  // One more, for the newline that ends the last complete line begins none of the wanted ones.
  std::uint64_t newlines_left =
      wanted == std::numeric_limits<std::uint64_t>::max() ? wanted : wanted + 1;
  off_t end = size;
  char next = '\n';  // the byte after the one that is looked at
  while (end > 0) {
    const off_t begin = std::max<off_t>(0, end - static_cast<off_t>(chunk.size()));
    const ssize_t count = pread(fd, chunk.data(), static_cast<std::size_t>(end - begin), begin);
    if (count <= 0) return begin;
    for (ssize_t i = count; i > 0; --i) {
      const char byte = chunk[static_cast<std::size_t>(i - 1)];
      const bool is_border = byte == '\n' && LineSplitter::begins_message(next);
      if (is_border && --newlines_left == 0) return begin + i;
      next = byte;
    }
    end = begin;
  }
  return 0;
}

absl::Status cannot_open(const std::string& path, int error) {
  const std::string what =
      fmt::format("cannot read {}: {}", path, std::generic_category().message(error));
  if (error == ENOENT) {
    return absl::NotFoundError(what + "; is metlogd running, and does it write there (--out)?");
  }
  return absl::UnavailableError(what + "; name a file that you may read");
}

}  // namespace

FollowedFile::FollowedFile(std::string path, std::size_t max_message_bytes)
    : path_(std::move(path)), messages_(max_message_bytes, LineSplitter::Into::kMessages) {}

absl::Status FollowedFile::open(std::uint64_t count) {
  UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!fd.is_open() || fstat(fd.get(), &status) != 0) return cannot_open(path_, errno);
  if (!S_ISREG(status.st_mode)) {
    return absl::InvalidArgumentError(
        fmt::format("{} is not a regular file; name a file of JSON lines", path_));
  }
  offset_ = start_of_last_messages(fd.get(), status.st_size, count);
  fd_ = std::move(fd);
  messages_.clear();
  return absl::OkStatus();
}

bool FollowedFile::open_all() {
  path_status_ = open(std::numeric_limits<std::uint64_t>::max());
  return path_status_.ok();
}

bool FollowedFile::poll(FrameSink& sink) {
  if (!fd_.is_open()) return open_all();
  if (read_some(sink)) return true;
  if (is_truncated()) {
    offset_ = 0;
    messages_.clear();
    return true;
  }
  if (!is_replaced()) return false;
  // The rest of the old file, added between the last poll and its replacement.
  while (read_some(sink)) continue;
  finish(sink);
  return open_all();
}

bool FollowedFile::read_some(FrameSink& sink) {
  Chunk chunk;
  const ssize_t count = pread(fd_.get(), chunk.data(), chunk.size(), offset_);
  if (count <= 0) return false;
  offset_ += count;
  messages_.add({chunk.data(), static_cast<std::size_t>(count)}, sink);
  return true;
}

bool FollowedFile::is_truncated() const {
  struct stat status {};
  return fstat(fd_.get(), &status) == 0 && status.st_size < offset_;
}

bool FollowedFile::is_replaced() {
  struct stat open_file {};
  struct stat named_file {};
  if (stat(path_.c_str(), &named_file) != 0) {
    path_status_ = cannot_open(path_, errno);
    return false;
  }
  if (fstat(fd_.get(), &open_file) != 0) return false;
  if (open_file.st_ino != named_file.st_ino || open_file.st_dev != named_file.st_dev) return true;
  path_status_ = absl::OkStatus();
  return false;
}

}  // namespace metlog
