// The receipt table of the system's logs: local sockets of syslog and of the journal.

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "metlog/internal/base/unique_fd.h"
#include "tests/senders/receipt_table.h"
#include "tests/senders/temp_dir.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;

/// A bound local socket for datagrams, one for each message.
class LocalReceiver {
 public:
  explicit LocalReceiver(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
  }
  void close() { UniqueFd gone(std::move(socket_)); }

  /// Reads what is there; returns how many calls those were.
  [[nodiscard]] std::uint64_t read() const {
    std::uint64_t count = 0;
    std::string bytes(65536, '\0');
    while (true) {
      const ssize_t size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
      if (size < 0) return count;
      if (is_call(bytes.substr(0, static_cast<std::size_t>(size)))) ++count;
    }
  }

 private:
  UniqueFd socket_;
};

class ReceiptTableOfSystemLogs : public ReceiptTable,
                                 public testing::WithParamInterface<const char*> {
 protected:
  Client open_log(const std::string& options = "") {
    return open(std::string(GetParam()) + path_ + options);
  }

  const TempDir dir_;
  const std::string path_ = dir_.file("socket");
};
INSTANTIATE_TEST_SUITE_P(Schemes, ReceiptTableOfSystemLogs,
                         testing::Values("syslog:", "journald:"));

TEST_P(ReceiptTableOfSystemLogs, NobodyIsThere) {
  Client client = open_log("?hold_ms=0");
  call(client);
  EXPECT_TRUE(client.flush(60s));
  const Receipt receipt = end(client, kCalls);
  EXPECT_EQ(receipt.sent, 0U);
  EXPECT_EQ(client.stats().lost[LossReason::kNoReceiver], kCalls);
}

TEST_P(ReceiptTableOfSystemLogs, ReadsSlowly) {
  const LocalReceiver receiver(path_);
  Client client = open_log();
  call(client);
  std::uint64_t arrived = 0;
  Handover handover = Handover::kNone;
  while (handover == Handover::kNone) {
    arrived += receiver.read();
    handover = client.flush(5ms).handover;
  }
  EXPECT_EQ(handover, Handover::kKernel);
  const Receipt receipt = end(client, kCalls);
  arrived += receiver.read();
  EXPECT_EQ(receipt.sent, kCalls);
  EXPECT_EQ(receipt.handover, Handover::kKernel);
  EXPECT_EQ(arrived, kCalls);
}

TEST_P(ReceiptTableOfSystemLogs, ReadsAndDies) {
  LocalReceiver receiver(path_);
  Client client = open_log("?hold_ms=0");
  call(client, 5);
  ASSERT_TRUE(client.flush(60s)) << "a socket holds a few";
  EXPECT_EQ(receiver.read(), 5U);
  receiver.close();
  call(client);
  const Receipt receipt = end(client, 5 + kCalls);
  EXPECT_EQ(receipt.sent, 5U);
  EXPECT_EQ(client.stats().lost[LossReason::kNoReceiver], kCalls);
}

TEST_P(ReceiptTableOfSystemLogs, IsFullAndStaysSo) {
  const LocalReceiver receiver(path_);
  Client client = open_log();
  call(client, 5'000);
  const Receipt receipt = end(client, 5'000, 100ms);
  EXPECT_GT(receipt.lost, 0U);
  EXPECT_EQ(client.stats().lost[LossReason::kExpired], receipt.lost);
  EXPECT_EQ(receiver.read(), receipt.sent) << "what was sent is there";
}

}  // namespace
}  // namespace metlog
