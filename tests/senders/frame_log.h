#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/codec/frame_header.h"
#include "metlog/sender.h"

namespace metlog {

/// What a reader makes of the batched frames of one stream, in the order in which they came.
struct FrameLog {
  StreamId stream;                    // of the last frame
  std::vector<std::string> messages;  // without their newlines
  std::vector<std::uint64_t> sequences;
  std::vector<std::size_t> frame_counts;  // messages of each frame
  std::vector<std::size_t> paddings;
  std::uint64_t next = 0;
  std::uint64_t missing = 0;  // numbers that were passed over

  /// False, with a failure, when `bytes` are no frame in order.
  bool add(std::string_view bytes) {
    FrameError error{};
    const std::optional<ReadFrame> frame = read_frame(bytes, error);
    EXPECT_TRUE(frame.has_value()) << "error " << int(error) << " in " << bytes.size() << " bytes";
    if (!frame.has_value()) return false;
    stream = {frame->header.session, frame->header.stream};
    EXPECT_GE(frame->header.sequence, next);
    missing += frame->header.sequence - next;
    std::string_view body = frame->body;
    for (std::uint32_t i = 0; i < frame->header.count; ++i) {
      const std::size_t end = body.find('\n');
      EXPECT_NE(end, std::string_view::npos);
      if (end == std::string_view::npos) return false;
      messages.emplace_back(body.substr(0, end));
      sequences.push_back(frame->header.sequence + i);
      body.remove_prefix(end + 1);
    }
    EXPECT_EQ(body.find_first_not_of(' '), std::string_view::npos) << "padding is blanks";
    next = frame->header.sequence + frame->header.count;
    frame_counts.push_back(frame->header.count);
    paddings.push_back(body.size());
    return true;
  }
};

}  // namespace metlog
