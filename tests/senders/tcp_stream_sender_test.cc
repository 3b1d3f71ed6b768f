#include "senders/socket/tcp_stream_sender.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "metlog/internal/flush/send_queue.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

using std::chrono::seconds;

/// A TCP server on loopback that reads when it is asked to.
class Peer {
 public:
  Peer() { listen(0); }

  [[nodiscard]] std::uint16_t port() const { return port_; }

  void listen(std::uint16_t port) {
    listener_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(listener_.get(), 10), 0);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  void stop_listening() { listener_ = UniqueFd(); }

  /// Takes the next connection.
  void accept() { connection_ = UniqueFd(::accept(listener_.get(), nullptr, nullptr)); }
  /// Ends it by a reset; what the sender has sent is gone.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(connection_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    connection_ = UniqueFd();
  }
  void close() { connection_ = UniqueFd(); }
  /// What the kernel has of the connection.
  [[nodiscard]] std::size_t unread_bytes() const {
    int bytes = 0;
    ::ioctl(connection_.get(), FIONREAD, &bytes);
    return static_cast<std::size_t>(bytes);
  }
  [[nodiscard]] bool has_connection() const {
    pollfd entry{listener_.get(), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
  }
  /// Appends what comes within a moment; false at the end of the connection.
  bool read(std::string& text, std::size_t max_bytes = 64 * 1024) {
    pollfd entry{connection_.get(), POLLIN, 0};
    if (::poll(&entry, 1, 1) == 0) return true;
    char bytes[64 * 1024];
    const ssize_t count = ::recv(connection_.get(), bytes, std::min(max_bytes, sizeof bytes), 0);
    if (count > 0) text.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }

 private:
  UniqueFd listener_;
  UniqueFd connection_;
  std::uint16_t port_ = 0;
};

std::unique_ptr<Sender> sender_to(std::uint16_t port, StreamFraming framing,
                                  std::chrono::milliseconds hold = seconds(60)) {
  auto sender = TcpStreamSender::open({{"127.0.0.1", port}, "tcp://peer", framing, hold});
  EXPECT_TRUE(sender.ok()) << sender.status();
  return *std::move(sender);
}

/// Sends until the sender holds the batch or is done with it.
SendResult send(Sender& sender, Batch& batch) { return send_until_settled(sender, batch); }

TEST(TcpStreamSender, DividesTheStreamByOctetCountsOrNewlines) {
  for (const auto& [framing, expected] :
       {std::pair(StreamFraming::kOctetCount, std::string("3 one10 ten4567890")),
        std::pair(StreamFraming::kNewline, std::string("one\nten4567890\n"))}) {
    Peer peer;
    const auto sender = sender_to(peer.port(), framing);
    Batch batch = batch_of({"one", "ten4567890"});
    const SendResult result = send(*sender, batch);
    peer.accept();
    std::string text;
    while (text.size() < expected.size()) ASSERT_TRUE(peer.read(text));
    EXPECT_EQ(text, expected);
    EXPECT_TRUE(sender->flush(seconds(60)));
    if (result == SendResult::kHeld) {
      EXPECT_EQ(sender->take_settled(), &batch);
    }
    EXPECT_EQ(sender->take_settled(), nullptr);
    expect_all_accounted_for(batch);
    EXPECT_EQ(batch.sent_count(), 2U);
  }
}

TEST(TcpStreamSender, LosesWhatNobodyTakesAfterItsHold) {
  Peer peer;
  peer.stop_listening();
  const auto sender = sender_to(peer.port(), StreamFraming::kNewline, std::chrono::milliseconds(1));
  Batch batch = batch_of({"a", "b"});
  EXPECT_EQ(send(*sender, batch), SendResult::kLost);
  EXPECT_EQ(batch.lost()[LossReason::kNoReceiver], 2U);
  Batch next = batch_of({"c"});
  EXPECT_EQ(sender->send(next), SendResult::kLost);  // at once
  expect_all_accounted_for(next);
}

int asked_for_moved = 0;

/// The addresses of a host that has moved: nobody listens at the first.
absl::StatusOr<Addresses> moved(const HostAndPort& target, int socket_type, std::string_view url) {
  return resolve_host({++asked_for_moved == 1 ? "127.0.0.2" : "127.0.0.1", target.port},
                      socket_type, url);
}

TEST(TcpStreamSender, FollowsAHostThatHasMovedAndCountsItsConnections) {
  asked_for_moved = 0;
  Peer peer;
  const auto sender = *TcpStreamSender::open({.target = {"moves.example", peer.port()},
                                              .url = "tcp://moves.example",
                                              .framing = StreamFraming::kNewline,
                                              .hold = seconds(60),
                                              .resolve = moved});
  Batch batch = batch_of({"a"});
  const SendResult result = send(*sender, batch);
  peer.accept();
  std::string text;
  while (text.size() < 2) ASSERT_TRUE(peer.read(text));
  EXPECT_EQ(text, "a\n");
  EXPECT_TRUE(sender->flush(seconds(60)));
  if (result == SendResult::kHeld) {
    EXPECT_EQ(sender->take_settled(), &batch);
  }
  expect_all_accounted_for(batch);
  EXPECT_EQ(sender->connections(),
            (ConnectionCounts{.up = 1, .connected = 1, .failed = 1, .resolved = 1}));
  peer.close();
  while (sender->connections().up != 0) sender->idle();
  EXPECT_EQ(sender->connections().disconnected, 1U);
}

TEST(TcpStreamSender, IsBusyWhileThePeerReadsNothing) {
  Peer peer;
  const auto sender = sender_to(peer.port(), StreamFraming::kNewline);
  Batch batch(16 * 1024 * 1024);
  const std::string text(60000, 'x');
  for (int i = 0; i < 250; ++i) add_message(batch, text);
  std::string got;
  EXPECT_EQ(sender->send(batch), SendResult::kBusy);
  peer.accept();
  SendResult result = SendResult::kBusy;
  while (!batch.is_done()) {
    ASSERT_TRUE(peer.read(got));
    if (result == SendResult::kBusy) {
      result = sender->send(batch);
    } else {
      sender->idle();
    }
  }
  while (got.size() < 250 * 60001U) ASSERT_TRUE(peer.read(got));
  EXPECT_EQ(got.size(), 250 * 60001U);
  expect_all_accounted_for(batch);
}

/// The numbers that the lines of a text begin with.
std::vector<int> numbers_in(const std::string& text) {
  std::vector<int> numbers;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    numbers.push_back(std::atoi(text.c_str() + begin));
  }
  return numbers;
}

// What the peer's kernel had confirmed and its program had not read is gone; no more than that.
TEST(TcpStreamSender, SendsAgainWhatAResetConnectionHadNotConfirmed) {
  constexpr std::size_t kBytes = 1000;
  constexpr int kCount = 20000;
  Peer peer;
  const auto sender = sender_to(peer.port(), StreamFraming::kNewline);
  Batch batch(kCount * kBytes + 1);
  const std::vector<std::string> messages = numbered_messages(kCount, kBytes - 1);
  for (const std::string& message : messages) add_message(batch, message);
  EXPECT_EQ(sender->send(batch), SendResult::kBusy);
  peer.accept();
  std::size_t confirmed = 0;
  for (std::size_t before = 1; confirmed != before || confirmed == 0;) {
    before = confirmed;
    EXPECT_EQ(sender->send(batch), SendResult::kBusy);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    confirmed = peer.unread_bytes();
  }
  peer.reset();
  while (sender->send(batch) == SendResult::kBusy && !peer.has_connection()) {
  }
  peer.accept();
  std::string got;
  for (SendResult result = SendResult::kBusy; !batch.is_done();) {
    if (result == SendResult::kBusy) {
      result = sender->send(batch);
    } else {
      sender->idle();
    }
    ASSERT_TRUE(peer.read(got));
  }
  while (!got.ends_with(messages.back() + "\n")) ASSERT_TRUE(peer.read(got));
  const std::vector<int> numbers = numbers_in(got);
  ASSERT_FALSE(numbers.empty());
  EXPECT_LE(static_cast<std::size_t>(numbers.front()), confirmed / kBytes);
  EXPECT_GT(numbers.front(), 0);
  for (std::size_t i = 1; i < numbers.size(); ++i) ASSERT_EQ(numbers[i], numbers[i - 1] + 1);
  EXPECT_EQ(numbers.back(), kCount - 1);
  expect_all_accounted_for(batch);
  EXPECT_EQ(batch.lost().total(), 0U);
}

// As in the router: batches are held, given back and used again, over several connections.
TEST(TcpStreamSender, LosesNothingWhenAPeerThatReadsAllClosesTheConnection) {
  constexpr int kCount = 20000;
  Peer peer;
  SendQueue queue(sender_to(peer.port(), StreamFraming::kNewline),
                  {.batch_bytes = 16 * 1024, .batch_count = 4});
  ASSERT_TRUE(queue.start().ok());
  std::set<int> arrived;
  std::thread reader([&] {
    while (arrived.size() < kCount) {
      peer.accept();
      std::string text;
      while (arrived.size() < kCount && peer.read(text, 4096)) {
        for (const int number : numbers_in(text)) arrived.insert(number);
        text.erase(0, text.rfind('\n') + 1);
      }
    }
    peer.close();
  });
  for (int i = 0; i < kCount;) {
    Batch* const batch = queue.try_take_empty();
    if (batch == nullptr) {
      std::this_thread::yield();
      continue;
    }
    while (i < kCount && !batch->is_full()) {
      std::string message = std::to_string(i++);
      message.resize(100, ' ');
      add_message(*batch, message);
    }
    queue.offer(batch);
    queue.announce();
  }
  reader.join();
  EXPECT_TRUE(queue.stop(seconds(60)));
  const SendQueue::Counts counts = queue.counts();
  EXPECT_EQ(counts.sent, static_cast<std::uint64_t>(kCount));
  EXPECT_EQ(counts.lost.total(), 0U);
}

}  // namespace
}  // namespace metlog
