// Messages of 250 bytes per second that reach a reader of UDP on loopback: sendmmsg by itself with
// the same bytes in 64 datagrams per call (the floor), and our sender, plain, batched and cut by
// the kernel. The reader reads 64 datagrams per call, counts, and verifies the checksum of batched
// ones. The kernel drops what the reader is too slow for: `undelivered`.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "bench/delivery.h"

namespace metlog {
namespace {

constexpr std::size_t kPerCall = 64;

/// A socket on a port of the kernel's choice, and the thread that reads it.
class Listener {
 public:
  Listener() {
    socklen_t size = sizeof address_;
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval timeout{0, 20'000};
    const int room = 4 << 20;
    if (bind(fd_, reinterpret_cast<sockaddr*>(&address_), size) != 0 ||
        getsockname(fd_, reinterpret_cast<sockaddr*>(&address_), &size) != 0 ||
        setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room) != 0 ||
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0) {
      std::abort();
    }
    for (std::size_t i = 0; i < kPerCall; ++i) {
      parts_[i] = {buffers_[i].data(), buffers_[i].size()};
      calls_[i].msg_hdr.msg_iov = &parts_[i];
      calls_[i].msg_hdr.msg_iovlen = 1;
    }
    reading_ = std::make_unique<Reading>([this] { return take(); });
  }
  ~Listener() {
    reading_.reset();
    close(fd_);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] const sockaddr_in& address() const { return address_; }
  [[nodiscard]] std::string url() const {
    return "udp://127.0.0.1:" + std::to_string(ntohs(address_.sin_port));
  }
  Reading& reading() { return *reading_; }

 private:
  std::uint64_t take() {
    const int got = recvmmsg(fd_, calls_.data(), kPerCall, MSG_WAITFORONE, nullptr);
    std::uint64_t count = 0;
    for (int i = 0; i < got; ++i) {
      const auto at = static_cast<std::size_t>(i);
      count += messages_in({buffers_[at].data(), calls_[at].msg_len});
    }
    return count;
  }

  const int fd_ = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address_{};
  std::array<std::array<char, 2048>, kPerCall> buffers_;
  std::array<iovec, kPerCall> parts_;
  std::array<mmsghdr, kPerCall> calls_{};
  std::unique_ptr<Reading> reading_;
};

/// sendmmsg alone: so many messages per datagram, 64 datagrams per call.
class RawDatagrams final : public Sender {
 public:
  RawDatagrams(const sockaddr_in& to, std::size_t messages_each) : each_(messages_each) {
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) std::abort();
  }
  ~RawDatagrams() override { close(fd_); }

  SendResult send(Batch& batch) override {
    std::array<iovec, kPerCall> parts;
    std::array<mmsghdr, kPerCall> calls{};
    while (!batch.is_done()) {
      unsigned count = 0;
      for (std::size_t next = 0; count < kPerCall && next < batch.remaining_count(); ++count) {
        const std::size_t some = std::min(each_, batch.remaining_count() - next);
        const std::string_view lines = batch.lines(next, some);
        parts[count] = {const_cast<char*>(lines.data()), lines.size() - 1};
        calls[count].msg_hdr.msg_iov = &parts[count];
        calls[count].msg_hdr.msg_iovlen = 1;
        next += some;
      }
      const int taken = sendmmsg(fd_, calls.data(), count, 0);
      if (taken < 0) std::abort();
      batch.take_messages(
          std::min(static_cast<std::size_t>(taken) * each_, batch.remaining_count()));
    }
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "raw"; }

 private:
  const int fd_ = socket(AF_INET, SOCK_DGRAM, 0);
  const std::size_t each_;
};

void udp_floor_datagram_a_message(benchmark::State& state) {
  Listener listener;
  RawDatagrams raw(listener.address(), 1);
  time_delivery(state, raw, listener.reading());
}
void time_ours(benchmark::State& state, const char* options) {
  Listener listener;
  const auto sender = make_or_exit(listener.url() + options);
  time_delivery(state, *sender, listener.reading());
}
void udp_plain(benchmark::State& state) { time_ours(state, ""); }
void udp_batched(benchmark::State& state) { time_ours(state, "?batch=1"); }
void udp_segmented(benchmark::State& state) { time_ours(state, "?batch=1&segment=1"); }

BENCHMARK(udp_floor_datagram_a_message)->Apply(deliver);
BENCHMARK(udp_plain)->Apply(deliver);
BENCHMARK(udp_batched)->Apply(deliver);
BENCHMARK(udp_segmented)->Apply(deliver);

}  // namespace
}  // namespace metlog
