#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metlog/internal/codec/frame_header.h"
#include "metlog/sender.h"

namespace metlog {

/// The messages of a batch that make one frame; docs/wire.md, "Batched".
struct FrameSlice {
  FrameHeader header;
  std::string_view lines;  // in the batch

  [[nodiscard]] std::size_t bytes() const { return FrameHeader::kBytes + header.body_bytes; }
  /// Extends the frame to this length with spaces after the lines. Requires frame_bytes >=
  /// bytes().
  void pad_to(std::size_t frame_bytes) {
    header.body_bytes = static_cast<std::uint32_t>(frame_bytes - FrameHeader::kBytes);
  }
  [[nodiscard]] std::size_t padding() const { return header.body_bytes - lines.size(); }
  /// Writes the header's kBytes.
  void write_header(unsigned char* out) const { header.write(out, lines, padding()); }
};

/// As many messages as fit into a frame of `max_frame` bytes, from the one at index `first` after
/// the cursor on, and `most` of them; a message too long for that has a frame to itself. Requires
/// first < batch.remaining_count() and most > 0.
inline FrameSlice slice_frame(const Batch& batch, std::size_t first, std::size_t max_frame,
                              std::size_t most = SIZE_MAX) {
  const std::size_t space = max_frame - std::min(max_frame, FrameHeader::kBytes);
  const std::size_t count =
      std::min(std::max<std::size_t>(batch.count_within(first, space), 1), most);
  FrameSlice slice;
  slice.lines = batch.lines(first, count);
  slice.header.session = batch.stream.session;
  slice.header.stream = batch.stream.number;
  slice.header.count = static_cast<std::uint32_t>(count);
  slice.header.sequence = batch.sequence() + first;
  slice.header.body_bytes = static_cast<std::uint32_t>(slice.lines.size());
  return slice;
}

}  // namespace metlog
