#include "senders/socket/unix_datagram_sender.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <chrono>
#include <cstring>
#include <string>

#include "metlog/internal/base/unique_fd.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

UniqueFd bind_reader(const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  ::unlink(path.c_str());
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return fd;
}

std::string read_one(const UniqueFd& fd) {
  std::array<char, 4096> text;
  const ssize_t bytes = ::recv(fd.get(), text.data(), text.size(), 0);
  return bytes < 0 ? "none" : std::string(text.data(), static_cast<std::size_t>(bytes));
}

std::unique_ptr<Sender> sender_to(const std::string& path, std::chrono::milliseconds hold) {
  auto sender = UnixDatagramSender::open({path, hold});
  EXPECT_TRUE(sender.ok()) << sender.status();
  return *std::move(sender);
}

TEST(UnixDatagramSender, SendsEachMessageAndFollowsAReaderThatBindsAgain) {
  const TempDir directory;
  const std::string path = directory.file("log");
  UniqueFd reader = bind_reader(path);
  const auto sender = sender_to(path, std::chrono::seconds(60));
  EXPECT_EQ(sender->url(), "unix://" + path);
  Batch first = batch_of({"one", "two"});
  EXPECT_EQ(sender->send(first), SendResult::kSent);
  EXPECT_EQ(read_one(reader), "one");
  EXPECT_EQ(read_one(reader), "two");
  reader = UniqueFd();
  Batch second = batch_of({"three"});
  EXPECT_EQ(sender->send(second), SendResult::kBusy);
  reader = bind_reader(path);
  EXPECT_EQ(send_until_settled(*sender, second), SendResult::kSent);
  EXPECT_EQ(read_one(reader), "three");
  expect_all_accounted_for(second);
}

TEST(UnixDatagramSender, IsBusyWhileTheReaderIsSlow) {
  const TempDir directory;
  const UniqueFd reader = bind_reader(directory.file("log"));
  const auto sender = sender_to(directory.file("log"), std::chrono::milliseconds(0));
  const std::vector<std::string> messages = numbered_messages(5000, 100);
  Batch batch = batch_of(messages);
  EXPECT_EQ(sender->send(batch), SendResult::kBusy);
  std::size_t read = 0;
  while (!batch.is_done() || read < messages.size()) {
    for (std::string text; (text = read_one(reader)) != "none"; ++read) {
      ASSERT_EQ(text, messages[read]);
    }
    sender->send(batch);
  }
  expect_all_accounted_for(batch);
  EXPECT_EQ(batch.lost().total(), 0U);
}

TEST(UnixDatagramSender, CountsWhatNobodyReads) {
  const TempDir directory;
  const auto sender = sender_to(directory.file("none"), std::chrono::milliseconds(1));
  Batch batch = batch_of({"a", "b"});
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kLost);
  EXPECT_EQ(batch.lost()[LossReason::kNoReceiver], 2U);
  expect_all_accounted_for(batch);
  const UniqueFd reader = bind_reader(directory.file("none"));
  Batch next = batch_of({"c"});
  EXPECT_EQ(sender->send(next), SendResult::kSent);
}

TEST(UnixDatagramSender, LosesOneMessageThatIsTooLong) {
  const TempDir directory;
  const UniqueFd reader = bind_reader(directory.file("log"));
  const auto sender = sender_to(directory.file("log"), std::chrono::seconds(60));
  Batch batch(1024);
  add_message(batch, "a");
  add_message(batch, std::string(16 * 1024 * 1024, 'x'));
  add_message(batch, "b");
  EXPECT_EQ(sender->send(batch), SendResult::kSent);
  EXPECT_EQ(batch.lost()[LossReason::kTooLong], 1U);
  expect_all_accounted_for(batch);
  EXPECT_EQ(read_one(reader), "a");
  EXPECT_EQ(read_one(reader), "b");
}

TEST(UnixDatagramSender, RefusesAPathThatNoSocketHas) {
  for (const std::string& path : {std::string(), std::string(200, 'p'), std::string("a\0b", 3)}) {
    EXPECT_FALSE(UnixDatagramSender::open({path, {}}).ok());
  }
}

}  // namespace
}  // namespace metlog
