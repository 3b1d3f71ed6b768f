#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace metlog {

/// What a program says of its calls in memory that outlives it, by lane: a thread, or a client of
/// one thread. Its test compares that with what has arrived. The memory is shared with children
/// that the test forks; with programs that it starts, through a file.
class Oracle {
 public:
  static constexpr unsigned kLanes = 8;

  /// Shared with children that are forked later.
  Oracle() : Oracle(-1, MAP_ANONYMOUS) {}
  /// Shared through this file, which is made when it is missing.
  explicit Oracle(const std::string& file) : Oracle(open_file(file), 0) {}
  ~Oracle() { ::munmap(shared_, sizeof(Shared)); }
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  /// In the program, around each call of a lane: the number that the call has, from 0.
  std::uint64_t begin(unsigned lane) {
    // relaxed: this thread alone stores it. release: whoever sees that it began sees no less of
    // what came before.
    const std::uint64_t number = shared_->lanes[lane].begun.load(std::memory_order_relaxed);
    shared_->lanes[lane].begun.store(number + 1, std::memory_order_release);
    return number;
  }
  void end(unsigned lane) {
    const std::uint64_t begun = shared_->lanes[lane].begun.load(std::memory_order_relaxed);
    shared_->lanes[lane].returned.store(begun, std::memory_order_release);
  }
  /// In the test: how many calls of a lane have begun, and how many have returned. A program that
  /// is neither dead nor stopped may go on between the two questions, so ask for returned() first.
  [[nodiscard]] std::uint64_t returned(unsigned lane) const {
    return shared_->lanes[lane].returned.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint64_t begun(unsigned lane) const {
    return shared_->lanes[lane].begun.load(std::memory_order_acquire);
  }
  /// A word for whatever else the two want to agree on.
  std::atomic<std::uint64_t>& word() { return shared_->word; }
  /// Forgets all calls.
  void reset() {
    for (Lane& lane : shared_->lanes) {
      lane.begun = 0;
      lane.returned = 0;
    }
    shared_->word = 0;
  }

 private:
  struct alignas(64) Lane {
    std::atomic<std::uint64_t> begun;
    std::atomic<std::uint64_t> returned;
  };
  struct Shared {
    Lane lanes[kLanes];
    std::atomic<std::uint64_t> word;
  };

  static int open_file(const std::string& file) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ::ftruncate(fd, sizeof(Shared)) != 0) std::abort();
    return fd;
  }
  Oracle(int fd, int flags) {
    void* const mapped =
        ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | flags, fd, 0);
    if (mapped == MAP_FAILED) std::abort();
    if (fd >= 0) ::close(fd);
    shared_ = static_cast<Shared*>(mapped);
  }

  Shared* shared_;
};

}  // namespace metlog
