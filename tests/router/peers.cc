#include "tests/router/peers.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zmq.h>

#include <array>

#include "tools/router/input/address.h"

namespace metlog {

UdpPeer::UdpPeer(const std::string& url) {
  const UdpAddress address = *resolve_udp_address(url);
  fd_ = socket(address.family(), SOCK_DGRAM, 0);
  EXPECT_EQ(connect(fd_, address.get(), address.size), 0) << url;
}

UdpPeer::~UdpPeer() { close(fd_); }

void UdpPeer::send(std::string_view datagram) const {
  EXPECT_EQ(::send(fd_, datagram.data(), datagram.size(), 0),
            static_cast<ssize_t>(datagram.size()));
}

ZmqPeer::ZmqPeer(const std::string& endpoint, const std::function<void()>& pump)
    : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_XPUB)) {
  const int no_drop = 1;
  const int linger_ms = 5000;
  zmq_setsockopt(socket_, ZMQ_XPUB_NODROP, &no_drop, sizeof no_drop);
  zmq_setsockopt(socket_, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
  EXPECT_EQ(zmq_connect(socket_, endpoint.c_str()), 0) << endpoint;
  std::array<char, 8> subscription{};
  const int wait_ms = 1;
  zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
  do {
    pump();
  } while (zmq_recv(socket_, subscription.data(), subscription.size(), 0) < 0);
}

ZmqPeer::~ZmqPeer() {
  zmq_close(socket_);
  zmq_ctx_term(context_);
}

void ZmqPeer::send_more(std::string_view frame) const { send_part(frame, ZMQ_SNDMORE); }

void ZmqPeer::send_part(std::string_view frame, int flags) const {
  EXPECT_EQ(zmq_send(socket_, frame.data(), frame.size(), flags), static_cast<int>(frame.size()));
}

}  // namespace metlog
