#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "metlog/batch.h"
#include "metlog/internal/codec/frame_header.h"

namespace metlog {

/// The messages of a batch that go into one frame; docs/wire.md, "Batched".
struct FrameSlice {
  FrameHeader header;
  std::string_view lines;  // in the batch

  [[nodiscard]] std::size_t bytes() const { return FrameHeader::kBytes + header.body_bytes; }
  /// Makes the frame this long, with blanks behind the lines. Requires frame_bytes >= bytes().
  void pad_to(std::size_t frame_bytes) {
    header.body_bytes = static_cast<std::uint32_t>(frame_bytes - FrameHeader::kBytes);
  }
  [[nodiscard]] std::size_t padding() const { return header.body_bytes - lines.size(); }
  /// Writes the header's kBytes.
  void write_header(unsigned char* out) const { header.write(out, lines, padding()); }
};

/// From the `first` message not yet taken on, as many as fit into a frame of `max_frame` bytes; one
/// that fits into none has a frame to itself. Requires first < batch.remaining_count().
inline FrameSlice slice_frame(const Batch& batch, std::size_t first, std::size_t max_frame) {
  const std::size_t room = max_frame - std::min(max_frame, FrameHeader::kBytes);
  const std::size_t count = std::max<std::size_t>(batch.count_within(first, room), 1);
  FrameSlice cut;
  cut.lines = batch.lines(first, count);
  cut.header.session = batch.stream.session;
  cut.header.stream = batch.stream.number;
  cut.header.count = static_cast<std::uint32_t>(count);
  cut.header.sequence = batch.sequence() + first;
  cut.header.body_bytes = static_cast<std::uint32_t>(cut.lines.size());
  return cut;
}

}  // namespace metlog
