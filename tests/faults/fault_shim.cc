// A library for LD_PRELOAD that makes system calls fail as a plan says, the same for the same seed,
// and writes down what it saw. Tests run programs under it.
//
//   METLOG_FAULTS        the plan, words with spaces between them:
//     seed=N             of what is random; 0 without it
//     on=TEXT            only calls on files whose path has this text, and on their descriptors
//     first=N            only the first N calls of each function
//     CALL#N:FAULT       the N-th call of a function, from 1
//     CALL%R:FAULT       R of 100 calls
//   METLOG_FAULTS_TRACE  a file, to which each call that `on` concerns adds a line:
//                        CALL DESCRIPTOR BYTES RESULT FAULT
//
// CALL: open write pwrite writev fsync fdatasync fallocate ftruncate rename mmap send connect. open
// is openat, too, and so on; send is the four that send. FAULT: EINTR ENOSPC EIO EMFILE EAGAIN
// ENOMEM ECONNREFUSED; SHORT, half of the bytes; DELAY, a millisecond. The first rule that applies
// decides.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/faults/fault_plan.h"

namespace {

using namespace metlog::faults;

std::array<std::atomic<std::uint64_t>, kCalls.size()> g_counts{};
// Descriptors of files that `on` names. Those of sockets, and all without `on`, always count.
std::array<std::atomic<bool>, 65536> g_is_named{};

bool is_meant(int fd) {
  return plan().on[0] == '\0' || (fd >= 0 && g_is_named[static_cast<unsigned>(fd) % 65536]);
}
bool is_meant(const char* path) {
  return plan().on[0] == '\0' || std::strstr(path, plan().on) != nullptr;
}

std::uint64_t mixed(std::uint64_t bits) {
  bits = (bits ^ bits >> 31) * 0x7fb5'd329'728e'a185;
  bits = (bits ^ bits >> 27) * 0x81da'def4'bc2d'd44d;
  return bits ^ bits >> 33;
}

/// Returns what this call suffers; 0 for nothing.
int fault_of(Call call, bool is_meant) {
  if (!is_meant) return 0;
  const std::uint64_t number = g_counts[call].fetch_add(1) + 1;
  if (number > plan().first) return 0;
  for (std::size_t i = 0; i < plan().rule_count; ++i) {
    const Rule& rule = plan().rules[i];
    if (rule.call != call) continue;
    const std::uint64_t dice = mixed(plan().seed + mixed(number << 16 | call << 8 | i));
    const bool hits = rule.number != 0 ? rule.number == number
                                       : static_cast<double>(dice >> 11) * 0x1p-53 < rule.share;
    if (hits) return rule.fault;
  }
  return 0;
}

void write_trace(Call call, int fd, std::size_t bytes, long result, int fault) {
  if (plan().trace_fd < 0) return;
  const int error = errno;
  const char* name = "-";
  for (const NamedFault& known : kFaults) {
    if (known.fault == fault) name = known.name;
  }
  char line[128];
  const int size =
      std::snprintf(line, sizeof line, "%s %d %zu %ld %s\n", kCalls[call], fd, bytes, result, name);
  (void)::syscall(SYS_write, plan().trace_fd, line, size);
  errno = error;
}

/// Makes a call, or its failure. `make` gets the bytes that it may transfer, and returns as the
/// system does: -1 and errno.
template <class Make>
long call(Call which, bool is_meant, int fd, std::size_t bytes, const Make& make) {
  const int fault = fault_of(which, is_meant);
  long result = -1;
  if (fault > 0) {
    errno = fault;
  } else {
    if (fault == kDelay) {
      const timespec moment{0, 1'000'000};
      ::nanosleep(&moment, nullptr);
    }
    result = make(fault == kShort && bytes > 1 ? bytes / 2 : bytes);
  }
  if (is_meant) write_trace(which, fd, bytes, result, fault);
  return result;
}

int open_file(int directory, const char* path, int flags, mode_t mode) {
  const bool meant = is_meant(path);
  const auto fd = static_cast<int>(call(kOpen, meant, -1, 0, [&](std::size_t) {
    return ::syscall(SYS_openat, directory, path, flags, mode);
  }));
  if (fd >= 0) g_is_named[static_cast<unsigned>(fd) % 65536] = plan().on[0] != '\0' && meant;
  return fd;
}

mode_t mode_of(int flags, std::va_list& rest) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
}

/// Returns the first `bytes` of these parts, at most 64 of them.
struct Parts {
  Parts(const iovec* parts, std::size_t count, std::size_t bytes) {
    for (; size < std::min<std::size_t>(count, 64) && bytes != 0; ++size) {
      cut[size] = {parts[size].iov_base, std::min(parts[size].iov_len, bytes)};
      bytes -= cut[size].iov_len;
    }
  }
  iovec cut[64];
  std::size_t size = 0;
};

std::size_t bytes_of(const iovec* parts, std::size_t count) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) bytes += parts[i].iov_len;
  return bytes;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_file(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_file(AT_FDCWD, path, flags, mode);
}
int openat(int directory, const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_file(directory, path, flags, mode);
}
int openat64(int directory, const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_file(directory, path, flags, mode);
}
int close(int fd) {
  if (fd >= 0) g_is_named[static_cast<unsigned>(fd) % 65536] = false;
  return static_cast<int>(::syscall(SYS_close, fd));
}

ssize_t write(int fd, const void* bytes, size_t size) {
  return call(kWrite, is_meant(fd), fd, size,
              [&](std::size_t some) { return ::syscall(SYS_write, fd, bytes, some); });
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  return call(kPwrite, is_meant(fd), fd, size,
              [&](std::size_t some) { return ::syscall(SYS_pwrite64, fd, bytes, some, at); });
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  return pwrite(fd, bytes, size, at);
}
ssize_t writev(int fd, const iovec* parts, int count) {
  const auto part_count = static_cast<std::size_t>(std::max(count, 0));
  return call(kWritev, is_meant(fd), fd, bytes_of(parts, part_count), [&](std::size_t some) {
    const Parts cut(parts, part_count, some);
    return ::syscall(SYS_writev, fd, cut.cut, cut.size);
  });
}

int fsync(int fd) {
  return static_cast<int>(
      call(kFsync, is_meant(fd), fd, 0, [&](std::size_t) { return ::syscall(SYS_fsync, fd); }));
}
int fdatasync(int fd) {
  return static_cast<int>(call(kFdatasync, is_meant(fd), fd, 0,
                               [&](std::size_t) { return ::syscall(SYS_fdatasync, fd); }));
}
int fallocate(int fd, int mode, off_t at, off_t size) {
  return static_cast<int>(call(kFallocate, is_meant(fd), fd, 0, [&](std::size_t) {
    return ::syscall(SYS_fallocate, fd, mode, at, size);
  }));
}
int posix_fallocate(int fd, off_t at, off_t size) {
  return fallocate(fd, 0, at, size) == 0 ? 0 : errno;
}
int posix_fallocate64(int fd, off64_t at, off64_t size) { return posix_fallocate(fd, at, size); }
int ftruncate(int fd, off_t size) noexcept {
  return static_cast<int>(call(kFtruncate, is_meant(fd), fd, 0,
                               [&](std::size_t) { return ::syscall(SYS_ftruncate, fd, size); }));
}
int ftruncate64(int fd, off64_t size) noexcept { return ftruncate(fd, size); }

int renameat(int from_directory, const char* from, int to_directory, const char* to) noexcept {
  return static_cast<int>(call(kRename, is_meant(from) || is_meant(to), -1, 0, [&](std::size_t) {
    return ::syscall(SYS_renameat2, from_directory, from, to_directory, to, 0);
  }));
}
int rename(const char* from, const char* to) noexcept {
  return renameat(AT_FDCWD, from, AT_FDCWD, to);
}
void* mmap(void* at, size_t size, int protection, int flags, int fd, off_t offset) noexcept {
  // Anonymous memory is the allocator's, too.
  const bool meant = (flags & MAP_ANONYMOUS) == 0 && is_meant(fd);
  return reinterpret_cast<void*>(call(kMmap, meant, fd, 0, [&](std::size_t) {
    return ::syscall(SYS_mmap, at, size, protection, flags, fd, offset);
  }));
}
void* mmap64(void* at, size_t size, int protection, int flags, int fd, off64_t offset) noexcept {
  return mmap(at, size, protection, flags, fd, offset);
}

ssize_t sendto(int fd, const void* bytes, size_t size, int flags, const sockaddr* to,
               socklen_t to_size) {
  return call(kSend, true, fd, size, [&](std::size_t some) {
    return ::syscall(SYS_sendto, fd, bytes, some, flags, to, to_size);
  });
}
ssize_t send(int fd, const void* bytes, size_t size, int flags) {
  return sendto(fd, bytes, size, flags, nullptr, 0);
}
ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  const std::size_t size = bytes_of(message->msg_iov, message->msg_iovlen);
  return call(kSend, true, fd, size, [&](std::size_t some) {
    Parts cut(message->msg_iov, message->msg_iovlen, some);
    msghdr shorter = *message;
    shorter.msg_iov = cut.cut;
    shorter.msg_iovlen = cut.size;
    return ::syscall(SYS_sendmsg, fd, &shorter, flags);
  });
}
int sendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) {
  return static_cast<int>(call(kSend, true, fd, count, [&](std::size_t some) {
    return ::syscall(SYS_sendmmsg, fd, messages, some, flags);  // SHORT: fewer of them
  }));
}
int connect(int fd, const sockaddr* to, socklen_t size) {
  return static_cast<int>(call(kConnect, true, fd, 0,
                               [&](std::size_t) { return ::syscall(SYS_connect, fd, to, size); }));
}
}
