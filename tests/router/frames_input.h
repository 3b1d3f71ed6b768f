#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "metlog/internal/codec/frame_header.h"
#include "tools/router/input/input.h"

namespace metlog {

/// An input that has these frames and no socket. A batched one is in a block of its own length, so
/// that the address sanitizer sees a read past its end.
class FramesInput : public Input {
 public:
  explicit FramesInput(std::vector<std::string> frames) : frames_(std::move(frames)) {}

  std::size_t poll(FrameSink& sink, std::size_t max_frames) override {
    std::size_t taken = 0;
    for (bool more = true; more && taken < max_frames && next_ < frames_.size(); ++taken) {
      const std::string& frame = frames_[next_++];
      const std::size_t padding = is_batched_frame(frame) ? 0 : kFramePadding;
      const auto bytes = std::make_unique<char[]>(frame.size() + padding);
      frame.copy(bytes.get(), frame.size());
      ++counts_.frames;
      more = sink.take({{bytes.get(), frame.size()}, frame.size()});
    }
    return taken;
  }
  [[nodiscard]] InputCounts counts() const override { return counts_; }
  [[nodiscard]] const std::string& endpoint() const override { return endpoint_; }
  /// Nothing to wait for: a negative descriptor is never ready.
  [[nodiscard]] PollHandle poll_handle() const override { return {nullptr, -1}; }

 private:
  const std::vector<std::string> frames_;
  const std::string endpoint_ = "test:frames";
  std::size_t next_ = 0;
  InputCounts counts_;
};

}  // namespace metlog
