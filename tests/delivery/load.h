#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "metlog/metlog.h"
#include "tests/delivery/numbered_calls.h"
#include "tests/support/barrier.h"

namespace metlog {

/// Eight threads that log as fast as they can: some calls, then, once they are told to go on, until
/// they are told to end. They do not care whether the client is closed meanwhile.
class Load {
 public:
  /// Less than a ring of the default size holds, twice.
  static constexpr std::uint64_t kFirst = 500;

  explicit Load(Client& client) : client_(client) {
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      threads_.emplace_back([this, thread] { run(thread); });
    }
    wait_for(kFirst);
  }
  ~Load() { end(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  /// Lets them go on, and waits until each has made so many calls again.
  void go_on() {
    pause_.open();
    wait_for(2 * kFirst);
  }
  /// Calls that have returned.
  [[nodiscard]] std::uint64_t returned() const {
    std::uint64_t sum = 0;
    for (const auto& calls : calls_) sum += calls.load(std::memory_order_acquire);
    return sum;
  }
  /// Ends them, and returns the number of calls.
  std::uint64_t end() {
    pause_.open();
    is_over_.store(true, std::memory_order_relaxed);  // relaxed: a switch
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
    return returned();
  }

 private:
  void run(std::size_t thread) {
    for (std::uint64_t i = 0; i < kFirst; ++i) call(thread, i);
    pause_.pass();
    for (std::uint64_t i = kFirst; !is_over_.load(std::memory_order_relaxed); ++i) call(thread, i);
  }
  void call(std::size_t thread, std::uint64_t number) {
    METLOG_INFO(client_, "{} {}", thread, number);
    calls_[thread].store(number + 1, std::memory_order_release);
  }
  void wait_for(std::uint64_t count) const {
    for (const auto& calls : calls_) {
      while (calls.load(std::memory_order_acquire) < count) std::this_thread::yield();
    }
  }

  Client& client_;
  Barrier pause_;
  std::array<std::atomic<std::uint64_t>, kThreads> calls_{};
  std::atomic<bool> is_over_{false};
  std::vector<std::thread> threads_;
};

}  // namespace metlog
