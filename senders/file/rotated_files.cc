#include "senders/file/rotated_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "senders/file/file_lock.h"

namespace metlog {
namespace {

constexpr int kLockTries = 100;  // held for some renames only
constexpr std::string_view kCompressed = ".gz";

}  // namespace

RotatedFiles::RotatedFiles(int directory, std::string name, int keep)
    : directory_(directory),
      lockable_(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
      name_(std::move(name)),
      keep_(keep) {}

std::string RotatedFiles::numbered(int number) const {
  return name_ + "." + std::to_string(number);
}

bool RotatedFiles::exists(const std::string& name) const {
  return ::faccessat(directory_, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/// Returns the file with this number, if there is one. Who died between two steps of replace() has
/// left both; then the compressed one is removed, to which nobody has added anything since.
std::optional<RotatedFiles::Found> RotatedFiles::find(int number) const {
  const std::string plain = numbered(number);
  const std::string compressed = plain + std::string(kCompressed);
  if (!exists(plain)) {
    if (exists(compressed)) return Found{compressed, true};
    return std::nullopt;
  }
  ::unlinkat(directory_, compressed.c_str(), 0);
  return Found{plain, false};
}

int RotatedFiles::shift() {
  const FileLock lock(lockable_.get(), kLockTries);
  if (!lock.is_free()) return EAGAIN;
  std::vector<Found> moved;  // up to the first number that is free, or the last, which is given up
  for (int number = 1; number < keep_; ++number) {
    std::optional<Found> found = find(number);
    if (!found.has_value()) break;
    moved.push_back(*std::move(found));
  }
  const auto rename_to = [this](const Found& from, int number) {
    const std::string plain = numbered(number);
    const std::string compressed = plain + std::string(kCompressed);
    const std::string& to = from.is_compressed ? compressed : plain;
    if (::renameat(directory_, from.name.c_str(), directory_, to.c_str()) != 0) return errno;
    ::unlinkat(directory_, (from.is_compressed ? plain : compressed).c_str(), 0);
    return 0;
  };
  for (std::size_t i = moved.size(); i > 0; --i) {
    const int error = rename_to(moved[i - 1], static_cast<int>(i) + 1);
    if (error != 0) return error;
  }
  return rename_to({name_, false}, 1);
}

std::vector<int> RotatedFiles::uncompressed() const {
  std::vector<int> numbers;
  for (int number = 2; number <= keep_; ++number) {
    if (exists(numbered(number))) numbers.push_back(number);
  }
  return numbers;
}

UniqueFd RotatedFiles::open(int number) const {
  return UniqueFd(::openat(directory_, numbered(number).c_str(),
                           O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
}

bool RotatedFiles::replace(int original, const std::string& compressed, std::size_t bytes) {
  const FileLock lock(lockable_.get(), kLockTries);
  if (!lock.is_free()) return false;
  // With its lock, so that a writer who has it open adds nothing now, and sees that it is gone
  // then.
  const FileLock file_lock(original, kLockTries);
  struct stat status {};
  if (!file_lock.is_free() || ::fstat(original, &status) != 0 ||
      static_cast<std::size_t>(status.st_size) != bytes) {
    return false;
  }
  for (int number = 1; number <= keep_; ++number) {
    const std::string name = numbered(number);
    struct stat named {};
    if (::fstatat(directory_, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0 ||
        named.st_ino != status.st_ino || named.st_dev != status.st_dev) {
      continue;
    }
    const std::string to = name + std::string(kCompressed);
    return ::renameat(directory_, compressed.c_str(), directory_, to.c_str()) == 0 &&
           ::unlinkat(directory_, name.c_str(), 0) == 0;
  }
  return false;
}

int RotatedFiles::remove_older(std::time_t time) {
  const FileLock lock(lockable_.get(), kLockTries);
  if (!lock.is_free()) return 0;
  int removed = 0;
  for (int number = keep_; number > 0; --number) {
    const std::optional<Found> found = find(number);
    struct stat status {};
    if (!found.has_value() ||
        ::fstatat(directory_, found->name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(status.st_mode) || status.st_mtim.tv_sec >= time) {
      continue;
    }
    if (::unlinkat(directory_, found->name.c_str(), 0) == 0) ++removed;
  }
  return removed;
}

}  // namespace metlog
