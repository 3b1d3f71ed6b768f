#include "senders/udp/batched_datagrams.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "senders/sender/frame_slice.h"

namespace metlog {
namespace {

constexpr std::size_t kDatagramsPerCall = 64;

}  // namespace

std::size_t BatchedDatagrams::longest_message() const {
  return limits_.most - FrameHeader::kBytes - 1;
}

Datagrams::Outcome BatchedDatagrams::send(int socket, const Batch& batch) {
  std::array<std::array<unsigned char, FrameHeader::kBytes>, kDatagramsPerCall> headers;
  std::array<std::array<iovec, 2>, kDatagramsPerCall> parts;
  std::array<std::size_t, kDatagramsPerCall> counts;
  std::array<mmsghdr, kDatagramsPerCall> datagrams{};
  unsigned used = 0;
  std::size_t next = 0;
  for (; used < kDatagramsPerCall && next < batch.remaining_count(); ++used) {
    const FrameCut cut = cut_frame(batch, next, limits_.wanted);
    if (cut.bytes() > limits_.most) break;
    cut.write_header(headers[used].data());
    parts[used] = {iovec{headers[used].data(), FrameHeader::kBytes},
                   iovec{const_cast<char*>(cut.lines.data()), cut.lines.size()}};
    datagrams[used].msg_hdr.msg_iov = parts[used].data();
    datagrams[used].msg_hdr.msg_iovlen = parts[used].size();
    counts[used] = cut.header.count;
    next += cut.header.count;
  }
  const int result = ::sendmmsg(socket, datagrams.data(), used, MSG_NOSIGNAL);
  if (result < 0) return {.error = errno, .refused = counts[0]};
  Outcome outcome;
  for (int i = 0; i < result; ++i) outcome.sent += counts[static_cast<std::size_t>(i)];
  return outcome;
}

}  // namespace metlog
