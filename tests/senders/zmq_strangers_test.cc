// Peers of a ZMQ sender that do not speak ZMTP 3, such as another service at a mistaken port.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "metlog/internal/base/unique_fd.h"
#include "senders/zmq/zmq_sender.h"
#include "tests/senders/subscriber.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

/// A TCP server that greets each peer with some bytes and reads until that goes away.
class Greeter {
 public:
  explicit Greeter(std::string greeting)
      : greeting_(std::move(greeting)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const int on = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_.get(), any, size), 0);
    EXPECT_EQ(::getsockname(listener_.get(), any, &size), 0);
    EXPECT_EQ(::listen(listener_.get(), 100), 0);
    endpoint_ = "tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~Greeter() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  Greeter(const Greeter&) = delete;
  Greeter& operator=(const Greeter&) = delete;

  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }

 private:
  void serve() {
    std::vector<UniqueFd> peers;  // kept open: libzmq connects again to one that closes
    while (true) {
      UniqueFd peer(::accept(listener_.get(), nullptr, nullptr));
      if (!peer.is_open()) return;
      ::send(peer.get(), greeting_.data(), greeting_.size(), MSG_NOSIGNAL);
      peers.push_back(std::move(peer));
    }
  }

  const std::string greeting_;
  UniqueFd listener_;
  std::string endpoint_;
  std::thread thread_;
};

std::unique_ptr<Sender> open_zmq(const std::string& url) {
  auto sender = ZmqSender::open(*parse_url(url));
  if (!sender.ok()) ADD_FAILURE() << sender.status();
  return sender.ok() ? *std::move(sender) : nullptr;
}

TEST(ZmqStrangers, AreNoReceiversAndTheNextServerOfThatPortIs) {
  const std::string old_zmq("\x01\x00", 2);
  for (const std::string& greeting : {old_zmq, std::string("\x04\x00hey", 5), std::string("x")}) {
    auto stranger = std::make_unique<Greeter>(greeting);
    const std::string endpoint = stranger->endpoint();
    const auto sender = open_zmq(endpoint + "?hold_ms=300");
    Batch batch = batch_of({"a", "b"});
    EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kLost);
    EXPECT_EQ(batch.lost()[LossReason::kNoReceiver], 2U);
    expect_all_accounted_for(batch);

    stranger.reset();
    Subscriber subscriber(endpoint);
    std::string received;
    while (received.empty()) {
      Batch next = batch_of({"in time"});
      const SendResult result = sender->send(next);
      if (result == SendResult::kSent) subscriber.receive(received, 10'000);
      subscriber.attend();
    }
    EXPECT_EQ(received, "in time");
  }
}

TEST(ZmqStrangers, DoNotEndTheProcessWhenASenderIsClosed) {
  const Greeter stranger(std::string("\x01\x00", 2));
  for (int i = 0; i < 50; ++i) {
    std::vector<std::unique_ptr<Sender>> senders;
    for (int j = 0; j < 5; ++j) senders.push_back(open_zmq(stranger.endpoint()));
  }
}

}  // namespace
}  // namespace metlog
