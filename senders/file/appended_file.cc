#include "senders/file/appended_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "senders/file/file_lock.h"
#include "senders/file/rotated_files.h"

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLockTries = 10;
constexpr std::chrono::milliseconds kLockPatience{100};
// How long an unfinished line may be another process's write in progress, without the lock.
constexpr std::chrono::seconds kWritePatience{2};

/// Opens the file of `fd` for reading; none when it may not be read or is no longer there.
UniqueFd open_reader(int fd, const std::string& path) {
  UniqueFd reader(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat ours {};
  struct stat theirs {};
  if (!reader.is_open() || ::fstat(fd, &ours) != 0 || ::fstat(reader.get(), &theirs) != 0 ||
      ours.st_ino != theirs.st_ino || ours.st_dev != theirs.st_dev) {
    return {};
  }
  return reader;
}

}  // namespace

AppendedFile::AppendedFile(int fd, const std::string& path, const std::string& header)
    : fd_(fd), reader_(open_reader(fd, path)), header_(header.empty() ? "" : header + '\n') {}

int AppendedFile::append(Batch& batch, bool may_be_removed, std::uint64_t max_bytes) {
  // Once it was waited for in vain, another process may hold it for good.
  const FileLock lock(fd_, is_waiting_ ? 1 : kLockTries);
  if (lock.is_free()) is_waiting_ = false;
  if (!lock.is_free() && waits(kLockPatience)) return EAGAIN;
  struct stat status {};
  if (::fstat(fd_, &status) != 0) return errno;
  if (status.st_nlink == 0 && !may_be_removed) return kRemoved;
  const std::string_view first = beginning(status.st_size);
  if (!first.empty() && !lock.is_free() && waits(kWritePatience)) return EAGAIN;

  std::size_t count = batch.remaining_count();
  if (max_bytes != std::numeric_limits<std::uint64_t>::max()) {
    const std::uint64_t used = static_cast<std::uint64_t>(status.st_size) + first.size();
    count = batch.count_within(0, max_bytes - std::min(used, max_bytes));
    if (count == 0 && status.st_size != 0) return kAtLimit;
    count = std::max<std::size_t>(count, 1);
  }
  const bool is_all = count == batch.remaining_count();
  const std::string_view lines = batch.lines(0, count);
  batch.begin_write(static_cast<std::uint64_t>(status.st_size) + first.size(),
                    {status.st_dev, status.st_ino});
  const Written written = write(first, lines);
  // Where it is in truth, if another program appended meanwhile, without the lock: not there.
  known_end_ = written.error == 0 ? status.st_size + static_cast<off_t>(written.bytes) : -1;
  std::size_t whole_lines = 0;
  std::size_t whole = 0;
  if (written.bytes >= first.size()) {
    whole_lines = batch.count_within(0, written.bytes - first.size());
    whole = first.size() + batch.lines(0, whole_lines).size();
  }
  if (written.bytes > 0) half_line_ = {};
  if (written.bytes != whole && !take_back(written, written.bytes - whole)) {
    half_line_ = {written.end(), kCutLineEnd};
    if (whole >= first.size() && written.is_in_one_piece &&
        written.bytes + 1 == whole + batch.lines(whole_lines, 1).size()) {
      half_line_.rest = "\n";  // the message is there
      ++whole_lines;
    }
  }
  batch.take_messages(whole_lines);
  return written.error == 0 && !is_all ? kAtLimit : written.error;
}

int AppendedFile::rotate(int directory, const std::string& name, int keep) {
  const FileLock lock(fd_, is_waiting_ ? 1 : kLockTries);
  if (lock.is_free()) is_waiting_ = false;
  if (!lock.is_free() && waits(kLockPatience)) return EAGAIN;
  struct stat ours {};
  struct stat named {};
  if (::fstat(fd_, &ours) != 0) return errno;
  if (::fstatat(directory, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0 ||
      named.st_ino != ours.st_ino || named.st_dev != ours.st_dev) {
    return 0;
  }
  return RotatedFiles(directory, name, keep).shift();
}

/// True until that time has passed since the lock was refused first.
bool AppendedFile::waits(Clock::duration patience) {
  const Clock::time_point now = Clock::now();
  if (!is_waiting_) wanted_since_ = now;
  is_waiting_ = true;
  return now - wanted_since_ < patience;
}

AppendedFile::Written AppendedFile::write(std::string_view first, std::string_view second) const {
  Written written;
  while (written.error == 0 && written.bytes < first.size() + second.size()) {
    const std::string_view a = first.substr(std::min(written.bytes, first.size()));
    const std::string_view b = second.substr(written.bytes - (first.size() - a.size()));
    const iovec parts[] = {{const_cast<char*>(a.data()), a.size()},
                           {const_cast<char*>(b.data()), b.size()}};
    const ssize_t result = ::writev(fd_, parts, 2);
    if (result < 0 && errno == EINTR) continue;
    if (result <= 0) {
      written.error = result < 0 ? errno : EIO;
      break;
    }
    if (written.bytes == 0 && static_cast<std::size_t>(result) == first.size() + second.size()) {
      written.bytes = first.size() + second.size();  // nothing is taken back: no need for `begin`
      break;
    }
    const off_t end = ::lseek(fd_, 0, SEEK_CUR);
    if (written.bytes == 0) written.begin = end - result;
    written.bytes += static_cast<std::size_t>(result);
    written.is_in_one_piece = end == written.end();
  }
  return written;
}

/// Returns what comes before a message in a file of this size: its header, or what ends its last
/// line, if that has no newline; else nothing.
std::string_view AppendedFile::beginning(off_t size) const {
  static_assert(kCutLineEnd.starts_with(kCutMark));
  if (size == 0) return header_;
  if (size == known_end_) return {};
  if (size == half_line_.end) return half_line_.rest;
  char last = '\n';
  if (!reader_.is_open() || ::pread(reader_.get(), &last, 1, size - 1) != 1) return {};
  if (last == '\n') return {};
  return last == '}' ? "\n" : kCutLineEnd;
}

/// Removes the last bytes of what was written, unless another writer has appended since.
bool AppendedFile::take_back(const Written& written, std::size_t bytes) const {
  const off_t end = written.end();
  struct stat status {};
  return written.is_in_one_piece && ::fstat(fd_, &status) == 0 && status.st_size == end &&
         ::ftruncate(fd_, end - static_cast<off_t>(bytes)) == 0;
}

}  // namespace metlog
