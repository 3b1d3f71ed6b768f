#include "senders/sender/frame_slice.h"

#include <algorithm>

namespace metlog {

FrameCut cut_frame(const Batch& batch, std::size_t first, std::size_t max_frame) {
  const std::size_t room = max_frame - std::min(max_frame, FrameHeader::kBytes);
  const std::size_t count = std::max<std::size_t>(batch.count_within(first, room), 1);
  FrameCut cut;
  cut.lines = batch.lines(first, count);
  cut.header.session = batch.stream.session;
  cut.header.lane = batch.stream.lane;
  cut.header.count = static_cast<std::uint32_t>(count);
  cut.header.sequence = batch.sequence() + first;
  cut.header.body_bytes = static_cast<std::uint32_t>(cut.lines.size());
  return cut;
}

}  // namespace metlog
