#include "tools/metlog/tune/measure/udp_receiver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace metlog {
namespace {

constexpr std::size_t kDatagrams = 64;
constexpr std::size_t kLongestDatagram = 65536;
// As much as the kernel grants; what overflows it is lost in the receiver.
constexpr int kWantedBufferBytes = 8 << 20;

}  // namespace

absl::StatusOr<std::unique_ptr<Receiver>> UdpReceiver::open() {
  UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  if (!socket.is_open() || bind(socket.get(), name, length) != 0 ||
      getsockname(socket.get(), name, &length) != 0) {
    return absl::UnavailableError(std::string("no UDP socket: ") + std::strerror(errno));
  }
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &kWantedBufferBytes, sizeof kWantedBufferBytes);
  std::unique_ptr<UdpReceiver> receiver(new UdpReceiver(std::move(socket)));
  receiver->set_url("udp://127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
  receiver->start();
  return receiver;
}

UdpReceiver::UdpReceiver(UniqueFd socket)
    : socket_(std::move(socket)), buffer_(kDatagrams * kLongestDatagram) {}

bool UdpReceiver::step() {
  pollfd input{socket_.get(), POLLIN, 0};
  const int ready = poll(&input, 1, kWaitMs);
  if (ready != 1) return ready < 0 && errno == EINTR;
  std::array<iovec, kDatagrams> pieces{};
  std::array<mmsghdr, kDatagrams> messages{};
  for (std::size_t i = 0; i < kDatagrams; ++i) {
    pieces[i] = {buffer_.data() + i * kLongestDatagram, kLongestDatagram};
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int count = recvmmsg(socket_.get(), messages.data(), kDatagrams, MSG_DONTWAIT, nullptr);
  if (count <= 0) return errno == EAGAIN || errno == EINTR;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    this->count({buffer_.data() + i * kLongestDatagram, messages[i].msg_len});
  }
  publish();
  return true;
}

}  // namespace metlog
