#include "senders/file/stream_senders.h"

#include <fcntl.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>

#include "metlog/internal/base/unique_fd.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    reader = UniqueFd(ends[0]);
    writer = UniqueFd(ends[1]);
  }
  /// One read; the pipe must hold something.
  std::string read_some() const {
    std::string text(1 << 16, '\0');
    text.resize(static_cast<std::size_t>(::read(reader.get(), text.data(), text.size())));
    return text;
  }
  void close_reader() { UniqueFd gone(std::move(reader)); }
  UniqueFd reader;
  UniqueFd writer;
};

std::string lines_of(const std::vector<std::string>& messages) {
  std::string text;
  for (const std::string& message : messages) text += message + "\n";
  return text;
}

TEST(StdoutSender, WritesALineAMessage) {
  Pipe pipe;
  StdoutSender sender(pipe.writer.get());
  Batch batch = batch_of({"{\"a\":1}", "", "{}"});
  EXPECT_EQ(sender.send(batch), SendResult::kSent);
  EXPECT_EQ(pipe.read_some(), "{\"a\":1}\n\n{}\n");
  EXPECT_TRUE(sender.flush(std::chrono::nanoseconds(0)));
  expect_all_accounted_for(batch);
}

TEST(StdoutSender, IsBusyInsteadOfWaitingForASlowReader) {
  Pipe pipe;
  StdoutSender sender(pipe.writer.get());
  for (const std::size_t size : {100U, 10'000U}) {
    const auto messages = numbered_messages(1'000'000 / size, size);
    Batch batch = batch_of(messages);
    std::string text;
    int busy_count = 0;
    EXPECT_EQ(send_until_settled(sender, batch,
                                 [&] {
                                   ++busy_count;
                                   text += pipe.read_some();
                                 }),
              SendResult::kSent);
    while (text.size() < messages.size() * (size + 1)) text += pipe.read_some();
    EXPECT_GT(busy_count, 0);
    EXPECT_EQ(text, lines_of(messages));
    EXPECT_EQ(batch.sent_count(), messages.size());
    expect_all_accounted_for(batch);
  }
}

TEST(StdoutSender, StopsBetweenLinesWhereLinesAreShort) {
  Pipe pipe;
  StdoutSender sender(pipe.writer.get());
  Batch batch = batch_of(numbered_messages(10'000, 99));
  EXPECT_EQ(sender.send(batch), SendResult::kBusy);
  EXPECT_FALSE(batch.is_inside_message());
  batch.lose_rest(LossReason::kExpired);
  expect_all_accounted_for(batch);
}

TEST(StdoutSender, StopsBetweenMessagesThatHaveSeveralLines) {
  Pipe pipe;
  ASSERT_EQ(::fcntl(pipe.writer.get(), F_SETPIPE_SZ, 4096), 4096) << "it takes one piece";
  StdoutSender sender(pipe.writer.get());
  std::vector<std::string> messages = numbered_messages(100, 3'000);
  for (std::string& message : messages) message[1'000] = '\n';
  Batch batch = batch_of(messages);
  EXPECT_EQ(sender.send(batch), SendResult::kBusy);
  EXPECT_FALSE(batch.is_inside_message());
  batch.lose_rest(LossReason::kExpired);
  expect_all_accounted_for(batch);
}

TEST(StdoutSender, CountsAsRefusedWhenTheReaderIsGone) {
  Pipe pipe;
  StdoutSender sender(pipe.writer.get());
  pipe.close_reader();
  for (int round = 0; round < 2; ++round) {
    Batch batch = batch_of({"a", "b"});
    EXPECT_EQ(sender.send(batch), SendResult::kLost);
    EXPECT_EQ(batch.lost()[LossReason::kRefused], 2U);
    expect_all_accounted_for(batch);
  }
  sigset_t pending;
  sigpending(&pending);
  EXPECT_FALSE(sigismember(&pending, SIGPIPE));
}

TEST(StdoutSender, EndsALineThatWasGivenUpBeforeTheNext) {
  Pipe pipe;
  StdoutSender sender(pipe.writer.get());
  Batch batch = batch_of({std::string(1 << 20, 'x')});
  ASSERT_EQ(sender.send(batch), SendResult::kBusy);
  ASSERT_TRUE(batch.is_inside_message());
  batch.lose_rest(LossReason::kExpired);
  expect_all_accounted_for(batch);
  std::string text = pipe.read_some();
  Batch next = batch_of({"next"});
  EXPECT_EQ(send_until_settled(sender, next, [&] { text += pipe.read_some(); }), SendResult::kSent);
  while (text.size() < 5 || text.substr(text.size() - 5) != "next\n") text += pipe.read_some();
  EXPECT_EQ(text.find("x [cut]\nnext\n"), text.size() - 13);
  expect_all_accounted_for(next);
}

}  // namespace
}  // namespace metlog
