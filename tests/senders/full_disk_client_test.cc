// A client whose file is on a full disk.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "metlog/engine.h"
#include "metlog/metlog.h"
#include "tests/senders/rotated_lines.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/messages.h"
#include "tests/support/small_file_system.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using std::chrono::steady_clock;

class FullDisk : public testing::Test {
 protected:
  void SetUp() override {
    if (!disk_.is_mounted()) GTEST_SKIP() << "may not mount a small file system here";
    write_content(ballast(), std::string(4 * 1024 * 1024, 'o'));
  }
  [[nodiscard]] Client open(Engine& engine, WhenFull when_full) const {
    ClientOptions client;
    client.when_full = when_full;
    client.batch_bytes = 64 * 1024;
    absl::StatusOr<Client> opened = engine.open("file://" + log() + "?hold_bytes=2M", client);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }
  static Engine::Parts parts() {
    Engine::Parts parts;
    parts.options.session_directory = "none";
    return parts;
  }
  /// Logs 1,000 bytes a call, and lets the flusher keep up.
  static void log_some(Client& client, int count) {
    const std::string padding(800, 'x');
    for (int i = 0; i < count; ++i) {
      METLOG_INFO(client, "{} {}", i, padding);
      if (i % 64 == 63) client.flush(std::chrono::milliseconds(1));
    }
  }
  [[nodiscard]] std::string log() const { return (disk_.path() / "log").string(); }
  [[nodiscard]] std::string ballast() const { return (disk_.path() / "ballast").string(); }

  const TempDir dir_;
  const SmallFileSystem disk_{dir_.file("disk"), "size=4m,mode=0700"};
};

TEST_F(FullDisk, HoldsWhatItsBatchesTakeUntilThereIsSpace) {
  Engine engine(parts());
  Client client = open(engine, WhenFull::kBlock);
  log_some(client, 1000);
  EXPECT_EQ(client.stats().sent, 0U);
  EXPECT_EQ(client.stats().lost.total(), 0U);
  EXPECT_EQ(content_of(log()), "");
  fs::remove(ballast());
  const auto begin = steady_clock::now();
  EXPECT_TRUE(client.flush(seconds(30)));
  RecordProperty("ms_until_all_is_written",
                 static_cast<int>((steady_clock::now() - begin) / std::chrono::milliseconds(1)));
  const Receipt receipt = client.close(seconds(30));
  EXPECT_EQ(receipt.sent, 1000U);
  EXPECT_EQ(client.stats().unexplained(), 0);
  EXPECT_EQ(rotated_lines(log(), 0).size(), 1000U);
}

TEST_F(FullDisk, CountsWhatIsBeyondTheBoundAndTellsItInTheFile) {
  Engine engine(parts());
  Client client = open(engine, WhenFull::kDrop);
  constexpr int kCalls = 6000;  // three times what the batches take
  log_some(client, kCalls);
  const Ledger held = client.stats();
  EXPECT_GT(held.lost[LossReason::kRingFull], 1000U);
  EXPECT_EQ(held.lost.total(), held.lost[LossReason::kRingFull]);
  fs::remove(ballast());
  const Receipt receipt = client.close(seconds(30));
  EXPECT_GT(receipt.sent, 1000U);
  EXPECT_EQ(receipt.sent + receipt.lost, static_cast<std::uint64_t>(kCalls));
  std::uint64_t told = 0;
  std::uint64_t calls = 0;
  for (const std::string& line : rotated_lines(log(), 0)) {
    if (is_loss(line)) {
      told += loss_count(line);
    } else {
      ++calls;
    }
  }
  EXPECT_EQ(calls, receipt.sent);
  EXPECT_EQ(told, receipt.lost);
  EXPECT_EQ(client.stats().unexplained(), 0);
}

}  // namespace
}  // namespace metlog
