#include "metlog/internal/base/mapped_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "metlog/internal/base/signal_block.h"
#include "metlog/internal/base/standard_descriptors.h"
#include "metlog/internal/base/unique_fd.h"

namespace metlog {
namespace {

// From linux/mman.h and linux/magic.h; the headers of older systems lack the first.
constexpr int kPopulateWrite = 23;
constexpr long kTmpfs = 0x01021994;

// Whether the kernel knows the advice; with no bytes it does nothing else.
bool can_populate() { return madvise(nullptr, 0, kPopulateWrite) == 0; }

// True when an access for which there is no memory would raise a signal, and populate() an error.
bool can_extend(int fd) {
  struct statfs status;
  return fstatfs(fd, &status) == 0 && status.f_type == kTmpfs && can_populate();
}

std::size_t page_bytes() { return static_cast<std::size_t>(getpagesize()); }

}  // namespace

MappedMemory::MappedMemory(const File& file, std::size_t bytes, std::size_t ready) : bytes_(bytes) {
  is_file_ = file.directory_fd >= 0 && map_file(file, ready);
  if (!is_file_) map_anonymous(ready);
}

MappedMemory::~MappedMemory() {
  if (base_ != nullptr) munmap(base_, bytes_);
}

MappedMemory::MappedMemory(MappedMemory&& other) noexcept { *this = std::move(other); }

MappedMemory& MappedMemory::operator=(MappedMemory&& other) noexcept {
  std::swap(base_, other.base_);
  std::swap(bytes_, other.bytes_);
  std::swap(is_file_, other.is_file_);
  std::swap(is_whole_, other.is_whole_);
  std::swap(error_, other.error_);
  return *this;
}

bool MappedMemory::map_file(const File& file, std::size_t ready) {
  keep_standard_descriptors();
  const UniqueFd fd(openat(file.directory_fd, file.name,
                           O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.is_open()) {
    error_ = errno;
    return false;
  }
  // A full file system must fail here, not by SIGBUS at a call site. Above the process's limit for
  // files (ulimit -f) both would raise SIGXFSZ in the calling thread.
  const ScopedSignalBlock quiet;
  const auto size = static_cast<off_t>(bytes_);
  is_whole_ = ready >= bytes_ || !can_extend(fd.get());
  if (is_whole_) {
    error_ = posix_fallocate(fd.get(), 0, size);
  } else if (ftruncate(fd.get(), size) != 0) {
    error_ = errno;
  }
  void* mapped = MAP_FAILED;
  if (error_ == 0) {
    mapped = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                  MAP_SHARED | (is_whole_ ? MAP_POPULATE : 0), fd.get(), 0);
    if (mapped == MAP_FAILED) error_ = errno;
  }
  if (error_ == 0) {
    base_ = static_cast<unsigned char*>(mapped);
    if (!is_whole_) error_ = populate(0, ready);
  }
  if (error_ == 0) return true;
  if (base_ != nullptr) munmap(std::exchange(base_, nullptr), bytes_);
  unlinkat(file.directory_fd, file.name, 0);
  return false;
}

void MappedMemory::map_anonymous(std::size_t ready) {
  is_whole_ = ready >= bytes_ || !can_populate();
  void* const mapped = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | (is_whole_ ? MAP_POPULATE : 0), -1, 0);
  if (mapped == MAP_FAILED) return;
  base_ = static_cast<unsigned char*>(mapped);
  // What is refused now is asked for again by the first use.
  if (!is_whole_) (void)populate(0, ready);
}

int MappedMemory::populate(std::size_t from, std::size_t to) const {
  const std::size_t begin = from / page_bytes() * page_bytes();
  if (madvise(base_ + begin, to - begin, kPopulateWrite) == 0) return 0;
  return errno == EFAULT ? ENOSPC : errno;  // an access would have raised SIGBUS
}

bool MappedMemory::replace(std::size_t from, std::size_t to) const {
  const std::size_t begin = (from + page_bytes() - 1) / page_bytes() * page_bytes();
  if (begin >= to) return true;
  unsigned char* const part = base_ + begin;
  madvise(part, to - begin, MADV_REMOVE);  // gives back what was allocated before the refusal
  return mmap(part, to - begin, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
              0) != MAP_FAILED;
}

}  // namespace metlog
