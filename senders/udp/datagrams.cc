#include "senders/udp/plain_datagrams.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace metlog {
namespace {

constexpr std::size_t kDatagramsPerCall = 64;

}  // namespace

Datagrams::Outcome PlainDatagrams::send(int socket, const Batch& batch) {
  std::array<iovec, kDatagramsPerCall> parts;
  std::array<mmsghdr, kDatagramsPerCall> datagrams{};
  const std::size_t most = std::min(batch.remaining_count(), kDatagramsPerCall);
  unsigned count = 0;
  for (; count < most; ++count) {
    const std::string_view message = batch.message(count);
    if (message.size() > max_datagram_) break;
    parts[count] = {const_cast<char*>(message.data()), message.size()};
    datagrams[count].msg_hdr.msg_iov = &parts[count];
    datagrams[count].msg_hdr.msg_iovlen = 1;
  }
  const int result = ::sendmmsg(socket, datagrams.data(), count, MSG_NOSIGNAL);
  if (result < 0) return {.error = errno};
  return {.sent = static_cast<std::size_t>(result)};
}

}  // namespace metlog
