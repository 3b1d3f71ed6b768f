#include "senders/zmq_frames.h"

#include <zmq.h>

#include <cerrno>
#include <cstring>

#include "senders/frame_cut.h"

namespace metlog {

std::size_t send_plain_frame(void* socket, const Batch& batch) {
  const std::string_view message = batch.message(0);
  return ::zmq_send(socket, message.data(), message.size(), ZMQ_DONTWAIT) >= 0 ? 1 : 0;
}

std::size_t send_batched_frame(void* socket, const Batch& batch, std::size_t max_frame) {
  const FrameCut cut = cut_frame(batch, 0, max_frame);
  zmq_msg_t frame;
  if (::zmq_msg_init_size(&frame, cut.bytes()) != 0) return 0;
  auto* const out = static_cast<unsigned char*>(::zmq_msg_data(&frame));
  cut.write_header(out);
  std::memcpy(out + FrameHeader::kBytes, cut.lines.data(), cut.lines.size());
  if (::zmq_msg_send(&frame, socket, ZMQ_DONTWAIT) >= 0) return cut.header.count;
  const int error = ::zmq_errno();
  ::zmq_msg_close(&frame);
  errno = error;
  return 0;
}

}  // namespace metlog
