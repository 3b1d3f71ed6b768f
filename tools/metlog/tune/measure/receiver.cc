#include "tools/metlog/tune/measure/receiver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <zmq.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "metlog/internal/base/start_thread.h"
#include "metlog/internal/codec/frame_header.h"
#include "tools/metlog/tune/measure/sample_call.h"

namespace metlog {
namespace {

// As the encoder writes it, with the type first.
constexpr std::string_view kEngineMessage = "{\"type\":\"metlog.";
// Polls in a row without a message until what is missing counts as lost. Not a time, because a
// receiver that gets no processor does not poll.
constexpr std::uint64_t kMaxEmptyPolls = 8;
constexpr int kPollMs = 2;

}  // namespace

std::int64_t user_messages_in(std::string_view frame) {
  if (!is_batched_frame(frame)) return frame.starts_with(kEngineMessage) ? 0 : 1;
  FrameError error{};
  const std::optional<ReadFrame> read = read_frame(frame, error);
  if (!read.has_value()) return -1;
  std::int64_t messages = read->header.count;
  for (std::size_t at = read->body.find(kEngineMessage); at != std::string_view::npos;
       at = read->body.find(kEngineMessage, at + 1)) {
    if (at == 0 || read->body[at - 1] == '\n') --messages;
  }
  return messages;
}

absl::StatusOr<std::unique_ptr<Receiver>> Receiver::open(Transport transport,
                                                         const std::string& ipc_path) {
  if (is_udp(transport)) return UdpReceiver::open();
  return ZmqReceiver::open(is_ipc(transport) ? "ipc://" + ipc_path : "tcp://127.0.0.1:*");
}

absl::Status Receiver::start() {
  return start_thread(thread_, "the receiver's", [this] {
    while (!stopping_.load(std::memory_order_relaxed)) {  // relaxed: a flag
      // relaxed: progress for finish()
      if (!step()) empty_polls_.fetch_add(1, std::memory_order_relaxed);
    }
  });
}

void Receiver::stop() {
  stopping_.store(true, std::memory_order_relaxed);  // relaxed: a flag
  if (thread_.joinable()) thread_.join();
}

void Receiver::count(std::string_view frame) {
  const std::int64_t messages = user_messages_in(frame);
  if (messages < 0) {
    ++counted_.damaged;
  } else {
    counted_.messages += static_cast<std::uint64_t>(messages);
  }
}

void Receiver::publish() {
  // relaxed: progress for finish(), which reads the rest after the thread's end
  messages_.store(counted_.messages, std::memory_order_relaxed);
  counted_.last_ns = monotonic_time_ns();
}

Arrival Receiver::finish(std::uint64_t expected) {
  // relaxed, all: see publish() and start()
  std::uint64_t arrived = messages_.load(std::memory_order_relaxed);
  std::uint64_t polls = empty_polls_.load(std::memory_order_relaxed);
  while (arrived < expected &&
         empty_polls_.load(std::memory_order_relaxed) - polls <= kMaxEmptyPolls) {
    poll(nullptr, 0, kPollMs);
    const std::uint64_t now = messages_.load(std::memory_order_relaxed);
    if (now == arrived) continue;
    arrived = now;
    polls = empty_polls_.load(std::memory_order_relaxed);
  }
  stop();
  return counted_;
}

namespace {

constexpr std::size_t kDatagrams = 64;
constexpr std::size_t kMaxDatagram = 65536;
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
  if (absl::Status status = receiver->start(); !status.ok()) return status;
  return receiver;
}

UdpReceiver::UdpReceiver(UniqueFd socket)
    : socket_(std::move(socket)), buffer_(kDatagrams * kMaxDatagram) {}

bool UdpReceiver::step() {
  pollfd input{socket_.get(), POLLIN, 0};
  const int ready = poll(&input, 1, kWaitMs);
  if (ready != 1) return ready < 0 && errno == EINTR;
  std::array<iovec, kDatagrams> pieces{};
  std::array<mmsghdr, kDatagrams> messages{};
  for (std::size_t i = 0; i < kDatagrams; ++i) {
    pieces[i] = {buffer_.data() + i * kMaxDatagram, kMaxDatagram};
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int count = recvmmsg(socket_.get(), messages.data(), kDatagrams, MSG_DONTWAIT, nullptr);
  if (count <= 0) return errno == EAGAIN || errno == EINTR;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    this->count({buffer_.data() + i * kMaxDatagram, messages[i].msg_len});
  }
  publish();
  return true;
}

namespace {

// Messages taken between two polls at whether to end.
constexpr int kMaxInARow = 1024;

}  // namespace

absl::StatusOr<std::unique_ptr<Receiver>> ZmqReceiver::open(const std::string& endpoint) {
  auto socket = BoundZmqSocket::open(ZMQ_SUB, endpoint, Reach::kLoopbackOnly);
  if (!socket.ok()) return socket.status();
  zmq_setsockopt((*socket)->get(), ZMQ_SUBSCRIBE, "", 0);
  if (absl::Status status = (*socket)->bind(); !status.ok()) return status;
  std::unique_ptr<ZmqReceiver> receiver(new ZmqReceiver(*std::move(socket)));
  receiver->set_url(receiver->socket_->endpoint());
  if (absl::Status status = receiver->start(); !status.ok()) return status;
  return receiver;
}

ZmqReceiver::~ZmqReceiver() { stop(); }

bool ZmqReceiver::step() {
  zmq_pollitem_t input{socket_->get(), 0, ZMQ_POLLIN, 0};
  const int ready = zmq_poll(&input, 1, kWaitMs);
  if (ready != 1) return ready < 0 && zmq_errno() == EINTR;
  zmq_msg_t message;
  for (int i = 0; i < kMaxInARow; ++i) {
    zmq_msg_init(&message);
    const int size = zmq_msg_recv(&message, socket_->get(), ZMQ_DONTWAIT);
    if (size >= 0) {
      count({static_cast<const char*>(zmq_msg_data(&message)), static_cast<std::size_t>(size)});
    }
    zmq_msg_close(&message);
    if (size < 0) break;
  }
  publish();
  return true;
}

}  // namespace metlog
