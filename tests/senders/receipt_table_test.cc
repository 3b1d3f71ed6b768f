#include "tests/senders/receipt_table.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "senders/file/stream_senders.h"
#include "tests/senders/receiver.h"
#include "tests/senders/temp_dir.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;

// UDP.

std::uint64_t received(const Receiver& receiver) {
  std::uint64_t count = 0;
  while (receiver.has_more()) {
    if (is_call(receiver.receive(1).at(0))) ++count;
  }
  return count;
}

TEST_F(ReceiptTable, UdpWhereNobodyListens) {
  Receiver gone;
  const std::string url = gone.url();
  gone.close();
  for (const char* options : {"", "?batch=1", "?batch=1&segment=1"}) {
    Client client = open(url + options);
    call(client);
    EXPECT_TRUE(client.flush(60s)) << options;
    const Receipt receipt = end(client, kCalls);
    EXPECT_EQ(receipt.sent, 0U) << options;
    EXPECT_EQ(client.stats().lost[LossReason::kRefused], kCalls) << options;
  }
}

TEST_F(ReceiptTable, UdpToOneOfTwoWhereNobodyListens) {
  Receiver gone;
  const Receiver somebody;
  const std::string closed = gone.url();
  gone.close();
  Client client = open(closed + "," + somebody.url().substr(std::string("udp://").size()));
  call(client);
  const Receipt receipt = end(client, kCalls);
  EXPECT_EQ(receipt.lost, kCalls) << "lost at one of them";
  EXPECT_EQ(received(somebody), kCalls);
}

TEST_F(ReceiptTable, UdpThatAccepts) {
  const Receiver receiver;
  Client client = open(receiver.url());
  call(client);
  EXPECT_EQ(client.flush(60s).handover, Handover::kKernel);
  const Receipt receipt = end(client, kCalls);
  EXPECT_EQ(receipt.sent, kCalls);
  EXPECT_EQ(receipt.handover, Handover::kKernel);
  EXPECT_EQ(received(receiver), kCalls);
}

TEST_F(ReceiptTable, UdpThatAcceptsAndDies) {
  Receiver receiver;
  Client client = open(receiver.url());
  call(client);
  ASSERT_TRUE(client.flush(60s));
  const std::uint64_t before = received(receiver);
  receiver.close();
  call(client);
  const Receipt receipt = end(client, 2 * kCalls);
  EXPECT_EQ(receipt.sent, before);
  EXPECT_EQ(client.stats().lost[LossReason::kRefused], kCalls);
}

TEST_F(ReceiptTable, UdpWhoseReceiverReadsTooSlowly) {
  Receiver receiver;
  receiver.shrink(4096);
  Client client = open(receiver.url());
  call(client, kCalls, 200);
  const Receipt receipt = end(client, kCalls);
  EXPECT_EQ(receipt.sent, kCalls) << "UDP cannot know of what the receiver's kernel drops";
  const std::uint64_t arrived = received(receiver);
  EXPECT_LT(arrived, kCalls);
  EXPECT_EQ(arrived + receiver.kernel_drops(), kCalls) << "it is the receiver that knows";
}

// Files, pipes and the standard output.

std::uint64_t read_lines(int fd) {
  std::string text;
  std::string bytes(65536, '\0');
  pollfd entry{fd, POLLIN, 0};
  while (::poll(&entry, 1, 0) == 1 && (entry.revents & POLLIN) != 0) {
    const ssize_t size = ::read(fd, bytes.data(), bytes.size());
    if (size <= 0) break;
    text.append(bytes, 0, static_cast<std::size_t>(size));
  }
  return lines_in(text);
}

TEST_F(ReceiptTable, File) {
  const TempDir dir;
  Client client = open("file://" + dir.file("log"));
  call(client);
  EXPECT_EQ(client.flush(60s).handover, Handover::kKernel);
  EXPECT_EQ(lines_in(content_of(dir.file("log"))), kCalls) << "once flush() has said so";
  const Receipt receipt = end(client, kCalls);
  EXPECT_EQ(receipt.sent, kCalls);
  EXPECT_EQ(receipt.handover, Handover::kKernel);
}

TEST_F(ReceiptTable, FileOnAFullDisk) {
  Client client = open("file:///dev/full?hold_ms=0");
  call(client);
  const Receipt receipt = end(client, kCalls);
  EXPECT_EQ(receipt.sent, 0U);
  EXPECT_EQ(client.stats().lost[LossReason::kRefused], kCalls);
}

TEST_F(ReceiptTable, FileWhereNoneCanBe) {
  const TempDir dir;
  EXPECT_FALSE(engine_.open("file://" + dir.file("absent/log")).ok());
}

/// A named pipe, and standard output that is a pipe.
class ReceiptTableOfPipes : public ReceiptTable, public testing::WithParamInterface<bool> {
 protected:
  ReceiptTableOfPipes() {
    if (GetParam()) {
      EXPECT_EQ(::mkfifo(dir_.file("fifo").c_str(), 0600), 0);
    } else {
      int ends[2] = {-1, -1};
      EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
      reader_ = UniqueFd(ends[0]);
      writer_ = UniqueFd(ends[1]);
    }
  }
  Client open_pipe() {
    if (!GetParam()) return *engine_.open(std::make_unique<StdoutSender>(writer_.get()), kBlocking);
    reader_ = UniqueFd(::open(dir_.file("fifo").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    return *engine_.open("file://" + dir_.file("fifo"), kBlocking);
  }
  /// More than a pipe's 64 KiB, and less than a ring: the blocking caller is also the reader.
  static void call_beyond_a_pipe(Client& client) { call(client, kCalls, 200); }
  void end_reader() { UniqueFd gone(std::move(reader_)); }

  const ClientOptions kBlocking{.when_full = WhenFull::kBlock};
  TempDir dir_;
  UniqueFd reader_;
  UniqueFd writer_;
};
INSTANTIATE_TEST_SUITE_P(Pipes, ReceiptTableOfPipes, testing::Bool());

TEST_P(ReceiptTableOfPipes, NobodyReads) {
  if (GetParam()) {
    EXPECT_FALSE(engine_.open("file://" + dir_.file("fifo")).ok());
    return;
  }
  Client client = open_pipe();
  end_reader();
  call(client);
  EXPECT_EQ(end(client, kCalls).sent, 0U);
  EXPECT_EQ(client.stats().lost[LossReason::kRefused], kCalls);
}

TEST_P(ReceiptTableOfPipes, SomebodyReadsAndDies) {
  Client client = open_pipe();
  call(client, 100);
  EXPECT_EQ(client.flush(60s).handover, Handover::kKernel);
  EXPECT_EQ(read_lines(reader_.get()), 100U);
  end_reader();
  call(client, 100);
  const Receipt receipt = end(client, 200);
  EXPECT_EQ(receipt.sent, 100U);
  EXPECT_EQ(client.stats().lost[LossReason::kRefused], 100U);
}

TEST_P(ReceiptTableOfPipes, SomebodyReadsSlowly) {
  Client client = open_pipe();
  call_beyond_a_pipe(client);
  EXPECT_FALSE(client.flush(50ms)) << "a pipe holds 64 KiB";
  std::uint64_t arrived = 0;
  bool is_out = false;
  while (!is_out) {
    arrived += read_lines(reader_.get());
    is_out = client.flush(5ms);
  }
  const Receipt receipt = end(client, kCalls);
  arrived += read_lines(reader_.get());
  EXPECT_EQ(receipt.sent, kCalls);
  EXPECT_EQ(arrived, kCalls);
}

TEST_P(ReceiptTableOfPipes, IsFullAndStaysSo) {
  Client client = open_pipe();
  call_beyond_a_pipe(client);
  const Receipt receipt = end(client, kCalls, 100ms);
  EXPECT_GT(receipt.lost, 0U);
  EXPECT_EQ(client.stats().lost[LossReason::kExpired], receipt.lost);
  EXPECT_EQ(read_lines(reader_.get()), receipt.sent);
}

}  // namespace
}  // namespace metlog
