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

/// Returns the offset of the last `line_count` lines. An incomplete line, which is still being
/// written, follows them and is not counted.
off_t start_of_last_lines(int fd, off_t size, std::uint64_t line_count) {
  Chunk chunk;
  // One more, for the newline that ends the last complete line begins none of the wanted ones.
  std::uint64_t newlines_left =
      line_count == std::numeric_limits<std::uint64_t>::max() ? line_count : line_count + 1;
  off_t end = size;
  while (end > 0) {
    const off_t begin = std::max<off_t>(0, end - static_cast<off_t>(chunk.size()));
    const ssize_t count = pread(fd, chunk.data(), static_cast<std::size_t>(end - begin), begin);
    if (count <= 0) return begin;
    for (ssize_t i = count; i > 0; --i) {
      if (chunk[static_cast<std::size_t>(i - 1)] == '\n' && --newlines_left == 0) return begin + i;
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

FollowedFile::FollowedFile(std::string path, std::size_t max_line_bytes)
    : path_(std::move(path)), lines_(max_line_bytes) {}

absl::Status FollowedFile::open(std::uint64_t line_count) {
  UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!fd.is_open() || fstat(fd.get(), &status) != 0) return cannot_open(path_, errno);
  if (!S_ISREG(status.st_mode)) {
    return absl::InvalidArgumentError(
        fmt::format("{} is not a regular file; name a file of JSON lines", path_));
  }
  offset_ = start_of_last_lines(fd.get(), status.st_size, line_count);
  fd_ = std::move(fd);
  lines_.clear();
  return absl::OkStatus();
}

bool FollowedFile::poll(FrameSink& sink) {
  constexpr std::uint64_t kAllLines = std::numeric_limits<std::uint64_t>::max();
  if (!fd_.is_open()) return open(kAllLines).ok();
  if (read_some(sink)) return true;
  if (is_truncated()) {
    offset_ = 0;
    lines_.clear();
    return true;
  }
  if (!is_replaced()) return false;
  // The rest of the old file, added between the last poll and its replacement.
  while (read_some(sink)) continue;
  finish(sink);
  return open(kAllLines).ok();
}

bool FollowedFile::read_some(FrameSink& sink) {
  Chunk chunk;
  const ssize_t count = pread(fd_.get(), chunk.data(), chunk.size(), offset_);
  if (count <= 0) return false;
  offset_ += count;
  lines_.add({chunk.data(), static_cast<std::size_t>(count)}, sink);
  return true;
}

bool FollowedFile::is_truncated() const {
  struct stat status {};
  return fstat(fd_.get(), &status) == 0 && status.st_size < offset_;
}

bool FollowedFile::is_replaced() const {
  struct stat open_file {};
  struct stat named_file {};
  return fstat(fd_.get(), &open_file) == 0 && stat(path_.c_str(), &named_file) == 0 &&
         (open_file.st_ino != named_file.st_ino || open_file.st_dev != named_file.st_dev);
}

void LineSplitter::add(std::string_view bytes, FrameSink& sink) {
  std::size_t end = 0;
  while ((end = bytes.find('\n')) != std::string_view::npos) {
    append(bytes.substr(0, end));
    pass_line(sink);
    bytes.remove_prefix(end + 1);
  }
  append(bytes);
}

void LineSplitter::finish(FrameSink& sink) {
  if (line_bytes_ != 0) pass_line(sink);
}

void LineSplitter::append(std::string_view bytes) {
  const std::size_t taken = std::min(bytes.size(), max_line_bytes_ - kept_);
  if (line_.size() < kept_ + taken + kFramePadding) line_.resize(kept_ + taken + kFramePadding);
  std::copy_n(bytes.data(), taken, line_.data() + kept_);
  kept_ += taken;
  line_bytes_ += bytes.size();
}

void LineSplitter::pass_line(FrameSink& sink) {
  sink.take({{line_.data(), kept_}, line_bytes_});
  clear();
}

}  // namespace metlog
