#include "tools/router/input/udp_input.h"

#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "tools/router/input/address.h"
#include "tools/router/input/bound_sockets.h"

namespace metlog {
namespace {

constexpr std::size_t kSlotCount = 64;
constexpr std::size_t kMaxDatagram = 65535;
constexpr int kReceiveBufferBytes = 8 * 1024 * 1024;

/// Only privileged processes get more than net.core.rmem_max; for others the kernel cuts it.
void ask_for_buffer(int fd) {
  const int bytes = kReceiveBufferBytes;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<UdpInput>> UdpInput::open(std::string_view address,
                                                         std::size_t max_frame, Reach reach) {
  auto inputs = open_all(address, max_frame, reach);
  if (!inputs.ok()) return inputs.status();
  return std::move(inputs->front());
}

absl::StatusOr<std::vector<std::unique_ptr<UdpInput>>> UdpInput::open_all(std::string_view address,
                                                                          std::size_t max_frame,
                                                                          Reach reach) {
  absl::StatusOr<std::vector<UdpAddress>> resolved = resolve_udp_addresses(address);
  if (!resolved.ok()) return resolved.status();
  auto sockets = bound_sockets(*std::move(resolved), SOCK_DGRAM, reach, address);
  if (!sockets.ok()) return sockets.status();
  std::vector<std::unique_ptr<UdpInput>> inputs;
  for (UniqueFd& fd : *sockets) {
    ask_for_buffer(fd.get());
    std::string endpoint = bound_udp_url(fd.get());
    inputs.emplace_back(new UdpInput(std::move(fd), std::move(endpoint), max_frame));
  }
  return inputs;
}

UdpInput::UdpInput(UniqueFd fd, std::string endpoint, std::size_t max_frame)
    : fd_(std::move(fd)),
      endpoint_(std::move(endpoint)),
      text_bytes_(std::min(max_frame, kMaxDatagram)),
      slots_(new char[kSlotCount * (text_bytes_ + kFramePadding)]),
      parts_(kSlotCount),
      headers_(kSlotCount),
      peers_(kSlotCount) {
  for (std::size_t i = 0; i < kSlotCount; ++i) {
    parts_[i] = {slots_.get() + i * (text_bytes_ + kFramePadding), text_bytes_};
    headers_[i].msg_hdr.msg_iov = &parts_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_name = &peers_[i].storage;
  }
}

std::size_t UdpInput::poll(FrameSink& sink, std::size_t max_frames) {
  const SocketMemory memory = socket_memory();
  const bool is_known = memory[SK_MEMINFO_RCVBUF] != 0;
  fill_ = !is_known
              ? 1
              : static_cast<double>(memory[SK_MEMINFO_RMEM_ALLOC]) / memory[SK_MEMINFO_RCVBUF];
  std::size_t taken = 0;
  bool more = !is_known || memory[SK_MEMINFO_RMEM_ALLOC] != 0;
  while (more && taken < max_frames) {
    const std::size_t wanted = std::min(max_frames - taken, kSlotCount);
    const std::size_t count = receive(wanted);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t sent = headers_[i].msg_len;
      const char* text = static_cast<const char*>(parts_[i].iov_base);
      passed_ = i;
      more = sink.take({{text, std::min(sent, text_bytes_)}, sent}) && more;
    }
    taken += count;
    more = more && count == wanted;
  }
  // Half of it at a gigabyte a second, which a process of this machine can send.
  longest_rest_ = taken == 0 ? std::chrono::nanoseconds::max()
                             : std::chrono::nanoseconds(memory[SK_MEMINFO_RCVBUF] / 2);
  return taken;
}

std::string UdpInput::peer() const { return peers_[passed_].text(); }

std::size_t UdpInput::receive(std::size_t max_datagrams) {
  // recvmmsg(2) leaves the length of the last address there.
  for (std::size_t i = 0; i < max_datagrams; ++i) {
    headers_[i].msg_hdr.msg_namelen = sizeof peers_[i].storage;
  }
  // MSG_TRUNC makes msg_len the datagram's length even when the slot was too short for it.
  const int count = recvmmsg(fd_.get(), headers_.data(), static_cast<unsigned>(max_datagrams),
                             MSG_DONTWAIT | MSG_TRUNC, nullptr);
  if (count < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) ++counts_.errors;
    return 0;
  }
  counts_.frames += static_cast<std::size_t>(count);
  return static_cast<std::size_t>(count);
}

UdpInput::SocketMemory UdpInput::socket_memory() const {
  SocketMemory memory{};
  socklen_t size = sizeof memory;
  if (getsockopt(fd_.get(), SOL_SOCKET, SO_MEMINFO, memory.data(), &size) != 0) memory.fill(0);
  return memory;
}

InputCounts UdpInput::counts() const {
  // SO_RXQ_OVFL reports drops only with the next datagram that gets through, and after a burst
  // there may be none; so ask the socket.
  InputCounts counts = counts_;
  counts.kernel_drops = socket_memory()[SK_MEMINFO_DROPS];
  return counts;
}

}  // namespace metlog
