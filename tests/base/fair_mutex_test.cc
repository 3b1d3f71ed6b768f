#include "metlog/internal/base/fair_mutex.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

namespace metlog {
namespace {

TEST(FairMutex, LetsAVisitorInThoughItsOwnerHardlyLetsGo) {
  FairMutex mutex;
  std::atomic<bool> is_over{false};
  std::uint64_t work = 0;
  // Like the flusher's thread: locks again at once in every round.
  std::thread owner([&] {
    while (!is_over.load()) {
      const std::lock_guard lock(mutex);
      for (int i = 0; i < 100'000; ++i) work += work % 7 + 1;
    }
  });
  std::uint64_t seen = 0;
  for (int visit = 0; visit < 100; ++visit) {
    const std::lock_guard lock(mutex);
    seen += work;
  }
  is_over.store(true);
  owner.join();
  EXPECT_LE(seen, 100 * work);
}

}  // namespace
}  // namespace metlog
