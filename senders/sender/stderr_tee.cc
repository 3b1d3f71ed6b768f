#include "senders/sender/stderr_tee.h"

#include <limits.h>
#include <poll.h>
#include <sched.h>

#include <algorithm>
#include <mutex>
#include <string>

#include "metlog/internal/base/signal_block.h"

namespace metlog {
namespace {

constexpr int kTries = 1000;

}  // namespace

void StderrTee::show_new(const Batch& batch) {
  const std::uint64_t first = batch.sequence();
  for (std::uint64_t number = std::max(first, next_); number < first + batch.remaining_count();
       ++number) {
    show(batch.message(static_cast<std::size_t>(number - first)));
  }
  next_ = std::max(next_, first + batch.remaining_count());
}

void StderrTee::show(std::string_view message) const {
  const ScopedSignalBlock quiet;
  write_without_waiting(fd_, std::string(message) + '\n');
}

// One thread at a time: of two that poll() lets through, the second could block in write().
void write_without_waiting(int fd, std::string_view text) {
  static constinit std::mutex mutex;
  std::unique_lock lock(mutex, std::try_to_lock);
  // Bounded: in a forked child the mutex may be held by a thread that does not exist there.
  for (int tries = 0; !lock.owns_lock(); ++tries) {
    if (tries == kTries) return;
    ::sched_yield();
    (void)lock.try_lock();
  }
  while (!text.empty()) {
    // PIPE_BUF bytes are written whole when poll() reports the pipe writable.
    pollfd wanted{fd, POLLOUT, 0};
    if (::poll(&wanted, 1, 0) != 1 || (wanted.revents & POLLOUT) == 0) return;
    const std::string_view piece = text.substr(0, PIPE_BUF);
    const ssize_t written = ::write(fd, piece.data(), piece.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace metlog
