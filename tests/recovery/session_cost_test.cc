// What reading a large session costs: less than a second, and 4 times its bytes in memory at most.
// This program counts what it allocates. (tests/fuzz does the same for small damaged ones.)

#include <gtest/gtest.h>
#include <malloc.h>
#include <time.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include "metlog/internal/recovery/recovery.h"
#include "tests/support/golden_session.h"

namespace {

std::atomic<std::int64_t> g_bytes{0};
std::atomic<std::int64_t> g_peak{0};

void* allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
  void* const block = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (block == nullptr) throw std::bad_alloc();
  const auto used = static_cast<std::int64_t>(::malloc_usable_size(block));
  const std::int64_t now = g_bytes.fetch_add(used) + used;
  if (now > g_peak.load()) g_peak.store(now);
  return block;
}

void give_back(void* block) {
  if (block != nullptr) g_bytes.fetch_sub(static_cast<std::int64_t>(::malloc_usable_size(block)));
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept { give_back(block); }
void operator delete[](void* block) noexcept { give_back(block); }
void operator delete(void* block, std::size_t) noexcept { give_back(block); }
void operator delete[](void* block, std::size_t) noexcept { give_back(block); }
void operator delete(void* block, std::align_val_t) noexcept { give_back(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { give_back(block); }

namespace metlog {
namespace {

namespace fs = std::filesystem;

struct Cost {
  std::int64_t bytes;
  double seconds;
  std::uint64_t found;
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Cost cost_of(const fs::path& sessions) {
  Recovery::Options options;
  options.to = "null:";
  const auto recovery = *Recovery::open(sessions.string(), options);
  const std::int64_t before = g_bytes.load();
  const double started = cpu_seconds();
  g_peak.store(before);
  const std::vector<RecoveryReport> reports = recovery->recover_all();
  EXPECT_EQ(reports.size(), 1U);
  return {g_peak.load() - before, cpu_seconds() - started, reports.at(0).found()};
}

std::int64_t bytes_in(const fs::path& session) {
  std::int64_t bytes = 0;
  for (const auto& file : fs::directory_iterator(session)) {
    bytes += static_cast<std::int64_t>(fs::file_size(file));
  }
  return bytes;
}

void expect_cheap(const TempDir& sessions, const GoldenSession& session, std::uint64_t messages) {
  const std::int64_t bytes = bytes_in(session.path());
  const Cost cost = cost_of(sessions.path());
  std::cout << bytes << " bytes: " << cost.bytes << " in memory, " << cost.seconds << " s\n";
  EXPECT_EQ(cost.found, messages);
  EXPECT_LT(cost.bytes, 4 * bytes);
  EXPECT_LT(cost.seconds, 1);
}

TEST(SessionCost, OfFullRings) {
  const TempDir sessions("/dev/shm");
  GoldenSession session(sessions.path(), 2);
  session.add_site(16, "order {} for {}");
  session.add_client(0, "null:", 5);
  for (std::uint32_t i = 0; i < 4; ++i) {
    GoldenSession::Ring ring = session.ring(12);
    while (ring.pos != ring.capacity()) ring.add_record(16, 1, "alice");
    session.write_ring(i, ring);
  }
  expect_cheap(sessions, session, 4 * 4096);
}

TEST(SessionCost, OfShortMessagesInBatches) {
  const TempDir sessions("/dev/shm");
  GoldenSession session(sessions.path(), 2);
  for (std::uint32_t stream = 0; stream < 8; ++stream) {
    session.write_batch(stream, std::vector<std::string>(20'000, "xy"), 0, 0);
  }
  expect_cheap(sessions, session, 8 * 20'000);
}

TEST(SessionCost, OfALargeDictionaryWithDamage) {
  const TempDir sessions("/dev/shm");
  GoldenSession session(sessions.path(), 2);
  session.add_site(16, "order {} for {}");
  session.add_client(0, "null:", 5);
  std::string dict = content_of(session.path() / "dict");
  const std::string entry = dict;
  while (dict.size() < 1'000'000) dict += entry;
  for (std::size_t at = 50'000; at < dict.size(); at += 50'000) dict[at] = '\x7f';
  session.write("dict", dict);
  GoldenSession::Ring ring = session.ring(8);
  ring.add_record(16, 1, "alice");
  session.write_ring(0, ring);
  expect_cheap(sessions, session, 1);
}

}  // namespace
}  // namespace metlog
