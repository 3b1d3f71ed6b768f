// What dead processes have left and nobody takes is bounded, and what is thrown away is counted.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "metlog/internal/recovery/recovery.h"
#include "metlog/internal/recovery/session_list.h"
#include "metlog/internal/session/session.h"
#include "tests/recovery/program_lives.h"
#include "tests/support/small_file_system.h"
#include "tests/support/traced_child.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class Leftovers : public ProgramLives {};

/// What 1,000 characters more in each line make a session larger by.
const std::string& padding() {
  static const auto* const kPadding = new std::string(1000, 'x');
  return *kPadding;
}

std::uint64_t free_bytes(const fs::path& path) {
  struct statvfs status {};
  EXPECT_EQ(::statvfs(path.c_str(), &status), 0);
  return status.f_bavail * status.f_bsize;
}

TEST_F(Leftovers, KeepsASmallFileSystemFromFillingUp) {
  const SmallFileSystem small(sessions_.path(), "size=64m,mode=700");
  if (!small.is_mounted()) GTEST_SKIP() << "only root may mount a file system";
  constexpr int kLives = 80;
  constexpr int kCount = 1000;
  const std::string nowhere = "tcp://127.0.0.1:9?hold_ms=3600000";
  std::uint64_t least = UINT64_MAX;
  for (int life = 0; life < kLives; ++life) {
    // Nobody listens, and the messages wait for somebody.
    run({"kill", padding(), kCount, nowhere, {}, {}, std::size_t{2} << 20});
    least = std::min(least, free_bytes(small.path()));
    ASSERT_THAT(sessions(), SizeIs(life + 1)) << "each has files";
  }
  EXPECT_GT(least, std::uint64_t{4} << 20);
  EXPECT_LT(free_bytes(small.path()), std::uint64_t{48} << 20) << "nothing was purged too early";
  EXPECT_THAT(content_of(errors()), Not(HasSubstr("anonymous memory")));
  EXPECT_THAT(content_of(errors()), HasSubstr("were thrown away"));
  Recovery::Options options;
  options.to = "file:" + log();
  absl::StatusOr<std::unique_ptr<Recovery>> recovery =
      Recovery::open(small.path().string(), options);
  ASSERT_TRUE(recovery.ok()) << recovery.status();
  (*recovery)->recover_all();
  EXPECT_THAT(sessions(), IsEmpty());
  const Delivered delivered = delivered_in(log());
  EXPECT_GT(delivered.purged, 0U);
  EXPECT_EQ(delivered.lines.at(padding()).size() + delivered.purged, kLives * kCount);
}

class Purged : public ProgramLives {
 protected:
  [[nodiscard]] std::unique_ptr<Recovery> open() const {
    Recovery::Options options;
    options.to = "file:" + log();
    return *Recovery::open(sessions_.path().string(), options);
  }
};

TEST_F(Purged, GoesFromTheOldestOnUntilItIsBelowTheLimit) {
  const std::string nowhere = "tcp://127.0.0.1:9?hold_ms=3600000";
  for (const char* const prefix : {"a ", "b ", "c "}) {
    run({"kill", prefix, 200, nowhere, {}, "none"});
  }
  const std::unique_ptr<Recovery> recovery = open();
  std::uint64_t total = 0;
  for (const std::string& name : recovery->sessions()) {
    total += session_bytes(recovery->directory_fd(), name);
  }
  EXPECT_THAT(recovery->purge_above(total), IsEmpty());
  const std::vector<RecoveryReport> reports = recovery->purge_above(total - 1);
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0].purged, 200U);
  EXPECT_GT(reports[0].freed_bytes, total / 10);
  EXPECT_THAT(sessions(), SizeIs(3)) << "one of them only to say so";
  recovery->recover_all();
  const Delivered delivered = delivered_in(log());
  EXPECT_THAT(delivered.lines, SizeIs(2));
  EXPECT_EQ(delivered.lines.count("a "), 0U);
  EXPECT_EQ(delivered.purged, 200U);
  EXPECT_EQ(delivered.deaths, 2);
  EXPECT_THAT(sessions(), IsEmpty());
}

TEST_F(Purged, KeepsNothingWhenNothingMayStay) {
  for (int i = 0; i < 2; ++i) {
    run({"kill", "dead ", 200, "tcp://127.0.0.1:9?hold_ms=3600000", {}, "none"});
  }
  EXPECT_THAT(open()->purge_above(0), SizeIs(4)) << "the messages, and then what says so";
  EXPECT_THAT(sessions(), IsEmpty());
}

TEST_F(Purged, RemovesWhatNobodyCanReadLast) {
  const std::string nowhere = "tcp://127.0.0.1:9?hold_ms=3600000";
  for (int i = 0; i < 2; ++i) run({"kill", "dead ", 200, nowhere, {}, "none"});
  const fs::path header = sessions_.path() / open()->sessions().at(0) / "session";
  std::string later = content_of(header);
  later[offsetof(SessionHeader, abi)] = 77;  // a version that is not known here
  write_content(header, later);
  const std::uint64_t its_bytes = session_bytes(open()->directory_fd(), open()->sessions().at(0));
  EXPECT_THAT(open()->purge_above(its_bytes + (64 << 10)), SizeIs(1)) << "the readable one";
  EXPECT_TRUE(fs::exists(header));
  EXPECT_THAT(open()->purge_above(0), SizeIs(2));
  EXPECT_THAT(sessions(), IsEmpty());
}

TEST_F(Purged, MayDieAtEverySystemCallAndCountsOnce) {
  run({"kill", "dead ", 300, "tcp://127.0.0.1:9?hold_ms=3600000", {}, "none"});
  const TempDir before;
  fs::copy(sessions_.path(), before.path(), fs::copy_options::recursive);
  int calls = 0;
  for (bool is_alive = true; is_alive; ++calls) {
    for (const std::string& name : sessions()) fs::remove_all(sessions_.path() / name);
    fs::copy(before.path(), sessions_.path(), fs::copy_options::recursive);
    write_content(log(), "");
    TracedChild child([this] { open()->purge_above(32 * 1024); });
    for (int i = 0; i < calls && is_alive; ++i) is_alive = child.to_system_call();
    child.kill();
    open()->recover_all();
    const Delivered delivered = delivered_in(log());
    const auto found = delivered.lines.find("dead ");
    const std::uint64_t lines = found == delivered.lines.end() ? 0 : found->second.size();
    ASSERT_EQ(lines + delivered.purged, 300U) << "after " << calls << " stops";
    ASSERT_THAT(sessions(), IsEmpty()) << "after " << calls << " stops";
  }
  EXPECT_GT(calls, 30) << "of a purge that ran to its end";
}

}  // namespace
}  // namespace metlog
