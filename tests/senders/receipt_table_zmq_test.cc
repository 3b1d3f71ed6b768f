#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "metlog/internal/base/unique_fd.h"
#include "tests/senders/receipt_table.h"
#include "tests/senders/subscriber.h"
#include "tests/senders/temp_dir.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;

/// Reads on a thread of its own, and counts.
class Reading {
 public:
  explicit Reading(const std::string& endpoint)
      : subscriber_(endpoint), thread_([this] {
          std::string frame;
          while (!is_over_.load(std::memory_order_relaxed)) {  // relaxed: a switch
            if (subscriber_.receive(frame, 20)) count_ += calls_in(frame);
          }
          while (subscriber_.receive(frame, 20)) count_ += calls_in(frame);
        }) {}
  ~Reading() { end(); }
  [[nodiscard]] const std::string& endpoint() const { return subscriber_.endpoint(); }
  /// Reads what is left and returns how many messages came in all.
  std::uint64_t end() {
    is_over_.store(true, std::memory_order_relaxed);  // relaxed: a switch
    if (thread_.joinable()) thread_.join();
    return count_;
  }

 private:
  Subscriber subscriber_;
  std::atomic<bool> is_over_{false};
  std::uint64_t count_ = 0;  // by the thread
  std::thread thread_;
};

/// tcp and ipc, plain and batched.
class ReceiptTableOfZmq : public ReceiptTable,
                          public testing::WithParamInterface<std::pair<bool, bool>> {
 protected:
  [[nodiscard]] std::string bound() const {
    return GetParam().first ? "ipc://" + dir_.file("socket") : "tcp://127.0.0.1:*";
  }
  [[nodiscard]] std::string options() const {
    return GetParam().second ? "?batch=1&hold_ms=" : "?hold_ms=";
  }
  TempDir dir_;
};
INSTANTIATE_TEST_SUITE_P(Transports, ReceiptTableOfZmq,
                         testing::Values(std::pair(false, false), std::pair(false, true),
                                         std::pair(true, false), std::pair(true, true)));

TEST_P(ReceiptTableOfZmq, NobodyListens) {
  Client client = open((GetParam().first ? "ipc://" + dir_.file("absent") : "tcp://127.0.0.1:1") +
                       options() + "0");
  call(client);
  EXPECT_TRUE(client.flush(60s)) << "everything is lost and counted";
  const Receipt receipt = end(client, kCalls);
  EXPECT_EQ(receipt.sent, 0U);
  EXPECT_EQ(client.stats().lost[LossReason::kNoReceiver], kCalls);
}

TEST_P(ReceiptTableOfZmq, SomebodyAccepts) {
  Reading reading(bound());
  Client client = open(reading.endpoint() + options() + "60000");
  call(client);
  EXPECT_EQ(client.flush(60s).handover, Handover::kKernel);
  const Receipt receipt = end(client, kCalls);
  EXPECT_EQ(receipt.sent, kCalls);
  EXPECT_EQ(receipt.handover, Handover::kKernel);
  EXPECT_EQ(reading.end(), kCalls);
}

/// Sends to the endpoint that it reads from `pipe`, flushes, and dies at once.
[[noreturn]] void flush_and_die(int pipe, const std::string& options, std::uint64_t count) {
  std::string endpoint(200, '\0');
  const ssize_t size = ::read(pipe, endpoint.data(), endpoint.size());
  endpoint.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  Engine::Parts parts;
  parts.options.session_directory = "none";
  auto* const engine = new Engine(std::move(parts));
  absl::StatusOr<Client> client = engine->open(endpoint + options, {.when_full = WhenFull::kBlock});
  if (!client.ok()) ::_exit(2);
  call(*client, count, 100);
  ::_exit(client->flush(60s) && client->stats().sent == count ? 0 : 1);
}

/// Its process makes no thread before the child is there.
class ZmqDeath : public testing::TestWithParam<std::pair<bool, bool>> {};
INSTANTIATE_TEST_SUITE_P(Transports, ZmqDeath,
                         testing::Values(std::pair(false, false), std::pair(false, true),
                                         std::pair(true, false), std::pair(true, true)));

TEST_P(ZmqDeath, LosesNothingAfterAFlush) {
  constexpr std::uint64_t kMany = 20'000;
  const TempDir dir;
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd asked(ends[0]);
  const UniqueFd reported(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    flush_and_die(ends[0], GetParam().second ? "?batch=1&hold_ms=60000" : "?hold_ms=60000", kMany);
  }
  Reading reading(GetParam().first ? "ipc://" + dir.file("socket") : "tcp://127.0.0.1:*");
  const std::string& endpoint = reading.endpoint();
  ASSERT_EQ(::write(ends[1], endpoint.data(), endpoint.size()),
            static_cast<ssize_t>(endpoint.size()));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(reading.end(), kMany);
}

TEST_P(ReceiptTableOfZmq, SomebodyAcceptsAndDiesAfterAFlush) {
  auto reading = std::make_unique<Reading>(bound());
  Client client = open(reading->endpoint() + options() + "60000");
  call(client);
  ASSERT_TRUE(client.flush(60s));
  EXPECT_EQ(reading->end(), kCalls);
  reading.reset();
  const std::uint64_t sent_before = client.stats().sent;
  EXPECT_EQ(sent_before, kCalls);
  const Receipt receipt = end(client, kCalls);
  EXPECT_EQ(receipt.handover, Handover::kKernel);
}

TEST_P(ReceiptTableOfZmq, SomebodyAcceptsAndDiesWithMessagesOnTheirWay) {
  auto subscriber = std::make_unique<Subscriber>(bound());
  Client client = open(subscriber->endpoint() + options() + "60000", WhenFull::kDrop);
  // More than the kernel's buffers hold, without a reader.
  call(client, 1);
  while (client.stats().sent == 0) subscriber->attend();
  call(client, 200, 20'000);
  EXPECT_FALSE(client.flush(100ms));
  subscriber.reset();
  EXPECT_FALSE(client.flush(300ms)) << "what was on its way is lost, and its count is unknown";
  const Receipt receipt = end(client, 201, 100ms);
  EXPECT_EQ(receipt.handover, Handover::kNone);
}

TEST_P(ReceiptTableOfZmq, SomebodyReadsSlowly) {
  constexpr std::uint64_t kSlow = 150;  // libzmq's queue holds them
  Subscriber subscriber(bound());
  Client client = open(subscriber.endpoint() + options() + "60000");
  call(client, 1);
  while (client.stats().sent == 0) subscriber.attend();
  call(client, kSlow, 20'000);
  EXPECT_FALSE(client.flush(50ms)) << "the buffers between the two do not hold it";
  std::uint64_t arrived = 0;
  std::thread reader([&] {
    std::string frame;
    while (subscriber.receive(frame, 3000)) {
      arrived += calls_in(frame);
    }
  });
  EXPECT_EQ(client.flush(60s).handover, Handover::kKernel);
  reader.join();
  const Receipt receipt = end(client, kSlow + 1);
  EXPECT_EQ(receipt.sent, kSlow + 1);
  EXPECT_EQ(arrived, kSlow + 1);
}

TEST_P(ReceiptTableOfZmq, NobodyReads) {
  Subscriber subscriber(bound());
  Client client = open(subscriber.endpoint() + options() + "60000&hwm=2", WhenFull::kDrop);
  call(client, 1);
  while (client.stats().sent == 0) subscriber.attend();
  call(client, kCalls, 20'000);
  const Receipt receipt = end(client, kCalls + 1, 200ms);
  EXPECT_EQ(receipt.handover, Handover::kNone);
  EXPECT_GT(receipt.lost, 0U) << "by the policy of the full ring, or at the end";
}

}  // namespace
}  // namespace metlog
