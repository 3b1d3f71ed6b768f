// A batch: its results in any order, and its file, from which another process reads what was not
// sent.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "metlog/internal/base/unique_fd.h"
#include "metlog/sender.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"
#include "tests/support/messages.h"
#include "tests/support/session_image.h"
#include "tests/support/small_file_system.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<fs::path> batch_files_in(const fs::path& directory) {
  return files_in(directory, ".batch");
}

UniqueFd open_directory(const fs::path& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

TEST(Batch, TakesResultsInAnyOrder) {
  Batch batch = batch_of({"a", "b", "c", "d", "e", "f"});
  char* const end = batch.reserve(1);
  batch.commit(end, Notice{.count = 3});
  batch.take_at(3);
  batch.lose_at(4, LossReason::kRefused);
  EXPECT_EQ(batch.index(), 0U);
  EXPECT_FALSE(batch.is_settled(0));
  EXPECT_TRUE(batch.is_settled(3));
  batch.take_at(0);
  EXPECT_EQ(batch.index(), 1U);
  batch.lose_at(6, LossReason::kRefused);  // the notice
  batch.take_messages(2);                  // b and c; d and e are settled
  EXPECT_EQ(batch.index(), 5U);
  EXPECT_EQ(batch.message(0), "f");
  EXPECT_EQ(batch.message_at(1), "b");
  batch.lose_rest(LossReason::kExpired);
  expect_all_accounted_for(batch);
  EXPECT_EQ(batch.sent_count(), 4U);
  EXPECT_EQ(batch.lost()[LossReason::kRefused], 1U);
  EXPECT_EQ(batch.lost()[LossReason::kExpired], 1U);
  EXPECT_EQ(batch.engine_sent_count(), 0U);
  ASSERT_THAT(batch.notices(), SizeIs(1));
  EXPECT_TRUE(batch.notices()[0].is_lost);

  batch.clear();
  add_message(batch, "again");
  EXPECT_FALSE(batch.is_settled(0));
  batch.take_messages(1);
  EXPECT_EQ(batch.sent_count(), 1U);
}

TEST(Batch, LiesInAFileWithWhatIsNotSent) {
  const TempDir directory("/dev/shm");
  const UniqueFd fd = open_directory(directory.path());
  Batch batch(1000, {{1, 2, 3}, 7}, {fd.get(), 2});
  EXPECT_THAT(batch_files_in(directory.path()), IsEmpty()) << "nothing before the first message";
  batch.begin(5, 41);
  for (std::uint64_t i = 0; i < 4; ++i) {
    char* const out = batch.reserve(1);
    *out = static_cast<char>('a' + i);
    batch.commit(out + 1, Batch::Origin::kUser, {100 + i, 3});
  }
  batch.take_messages(1);
  batch.take_at(2);
  const std::vector<fs::path> files = batch_files_in(directory.path());
  ASSERT_THAT(files, SizeIs(1));
  const WrittenBatch image(files[0]);
  EXPECT_EQ(image.header.session[2], 3);
  EXPECT_EQ(image.header.stream, 7U);
  EXPECT_EQ(image.header.number.load(Order::kRelaxed), 5U);
  EXPECT_EQ(image.header.first_sequence.load(Order::kRelaxed), 41U);
  EXPECT_EQ(image.header.cursor.load(Order::kRelaxed), 2U);
  EXPECT_THAT(image.open_texts(), ElementsAre("b", "d"));
  EXPECT_EQ(image.messages[3].record, (RecordId{103, 3}));

  batch.lose_rest(LossReason::kExpired);
  batch.clear();
  EXPECT_THAT(WrittenBatch(files[0]).messages, IsEmpty());
  EXPECT_EQ(fs::status(files[0]).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(Batch, TakesItsFileWithIt) {
  const TempDir directory("/dev/shm");
  const UniqueFd fd = open_directory(directory.path());
  {
    Batch batch(1000, {}, {fd.get(), 0});
    add_message(batch, "a");
    EXPECT_THAT(batch_files_in(directory.path()), SizeIs(1));
    batch.lose_rest(LossReason::kExpired);
  }
  EXPECT_THAT(batch_files_in(directory.path()), IsEmpty());
}

TEST(Batch, KeepsInALargerFileWhatItHeldWhenALongMessageCame) {
  const TempDir directory("/dev/shm");
  const UniqueFd fd = open_directory(directory.path());
  Batch batch(1000, {}, {fd.get(), 0});
  add_message(batch, "short");
  add_message(batch, std::string(300'000, 'l'));
  add_message(batch, "last");
  const std::vector<fs::path> files = batch_files_in(directory.path());
  ASSERT_THAT(files, SizeIs(1)) << "the smaller one is gone";
  EXPECT_THAT(WrittenBatch(files[0]).open_texts(),
              ElementsAre("short", std::string(300'000, 'l'), "last"));
  EXPECT_EQ(batch.message(1).size(), 300'000U);
}

TEST(Batch, MovesToAnonymousMemoryWhenTheFileSystemIsFull) {
  const TempDir directory;
  const SmallFileSystem small(directory.path() / "small", "size=96k");
  if (!small.is_mounted()) GTEST_SKIP() << "only root may mount a file system";
  const UniqueFd fd = open_directory(small.path());
  Batch batch(256 * 1024, {}, {fd.get(), 0});
  std::vector<std::string> messages = numbered_messages(2000, 100);
  testing::internal::CaptureStderr();
  for (const std::string& message : messages) add_message(batch, message);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::HasSubstr("a batch is in anonymous memory"));
  EXPECT_THAT(batch_files_in(small.path()), IsEmpty()) << "no second copy that looks unsent";
  for (std::size_t i = 0; i < messages.size(); ++i) ASSERT_EQ(batch.message(i), messages[i]);
}

TEST(Batch, SurvivesALongMessageWhereTheFileSystemIsFull) {
  const TempDir directory;
  for (const int kilobytes : {96, 128, 192, 256, 400, 600}) {
    const std::string size = "size=" + std::to_string(kilobytes) + "k";
    const SmallFileSystem small(directory.path() / "small", size.c_str());
    if (!small.is_mounted()) GTEST_SKIP() << "only root may mount a file system";
    const UniqueFd fd = open_directory(small.path());
    Batch batch(64 * 1024, {}, {fd.get(), 0});
    const std::vector<std::string> messages = numbered_messages(8, 50'000);
    for (const std::string& message : messages) add_message(batch, message);
    for (std::size_t i = 0; i < messages.size(); ++i) ASSERT_EQ(batch.message(i), messages[i]);
    EXPECT_LE(batch_files_in(small.path()).size(), 1U);
  }
}

TEST(Batch, TriesAFileAgainWhenThereIsRoom) {
  const TempDir directory;
  const SmallFileSystem small(directory.path() / "small", "size=96k");
  if (!small.is_mounted()) GTEST_SKIP() << "only root may mount a file system";
  const UniqueFd fd = open_directory(small.path());
  Batch batch(256 * 1024, {}, {fd.get(), 0});
  for (const std::string& message : numbered_messages(2000, 100)) add_message(batch, message);
  EXPECT_FALSE(batch.outlives_process());
  batch.lose_rest(LossReason::kExpired);
  batch.clear();
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!batch.outlives_process() && std::chrono::steady_clock::now() < limit) {
    batch.begin(2, 2000);
    add_message(batch, "again");
    batch.lose_rest(LossReason::kExpired);
    batch.clear();
  }
  EXPECT_TRUE(batch.outlives_process());
}

TEST(Batch, KeepsTheNextNumberWhenItIsEmpty) {
  const TempDir directory("/dev/shm");
  const UniqueFd fd = open_directory(directory.path());
  Batch batch(1000, {}, {fd.get(), 0});
  batch.begin(1, 40);
  add_message(batch, "a");
  add_message(batch, "b");
  batch.take_messages(2);
  batch.clear();
  const WrittenBatch image(batch_files_in(directory.path()).at(0));
  EXPECT_THAT(image.messages, IsEmpty());
  EXPECT_EQ(image.header.next_sequence.load(Order::kRelaxed), 42U);
}

TEST(Batch, IsFullWhenItsTableIs) {
  Batch batch(1 << 20);
  std::size_t count = 0;
  for (; !batch.is_full(); ++count) batch.commit(batch.reserve(0), Batch::Origin::kUser);
  EXPECT_GT(count, std::size_t{1} << 14);
  batch.lose_rest(LossReason::kExpired);
  expect_all_accounted_for(batch);
}

/// Takes nothing until it is allowed to.
class StalledSender final : public Sender {
 public:
  explicit StalledSender(std::shared_ptr<std::size_t> allowed) : allowed_(std::move(allowed)) {}
  SendResult send(Batch& batch) override {
    const std::size_t count = std::min(*allowed_, batch.remaining_count());
    *allowed_ -= count;
    batch.take_messages(count);
    return batch.is_done() ? SendResult::kSent : SendResult::kBusy;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "stalled:"; }

 private:
  std::shared_ptr<std::size_t> allowed_;
};

// What a death leaves of calls that have returned: nothing is in neither place.
TEST(Batch, HoldsWhatHasLeftTheRingsAndNoSenderHas) {
  const TempDir directory("/dev/shm");
  fs::permissions(directory.path(), fs::perms::owner_all);
  EngineOptions options;
  options.session_directory = directory.path().string();
  const auto allowed = std::make_shared<std::size_t>(0);
  Engine engine({options, Engine::Threads::kNone, nullptr, nullptr, 0, {}});
  {
    absl::StatusOr<Client> client = engine.open(std::make_unique<StalledSender>(allowed), {});
    ASSERT_TRUE(client.ok()) << client.status();
    for (int i = 0; i < 500; ++i) METLOG_INFO(*client, "{}", i);
    engine.step();
    *allowed = 120;
    engine.step();
    for (int i = 500; i < 600; ++i) METLOG_INFO(*client, "{}", i);

    const fs::path session = engine.session_path();
    std::vector<std::string> payloads;
    std::uint64_t last_pos = 0;
    for (const fs::path& file : batch_files_in(session)) {
      for (const WrittenBatch::Message& message : WrittenBatch(file).messages) {
        if (message.is_open) payloads.push_back(payload_of(message.text));
        last_pos = std::max(last_pos, message.record.pos);
      }
    }
    ASSERT_THAT(payloads, SizeIs(380));
    EXPECT_EQ(payloads.front(), "120");
    EXPECT_EQ(payloads.back(), "499");
    RingHeader ring;
    std::memcpy(&ring, content_of(session / "r000.ring").data(), sizeof ring);
    EXPECT_EQ(ring.positions.drained_pos.load(Order::kRelaxed), last_pos + 1)
        << "the ring holds the next 100";

    *allowed = 1000;
    step_until_quiet(engine);
    const Ledger ledger = client->stats();
    EXPECT_EQ(ledger.emitted, 600U);
    EXPECT_EQ(ledger.sent + ledger.lost.total(), 600U);
    EXPECT_EQ(ledger.sent, 600U);
  }
}

}  // namespace
}  // namespace metlog
