#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "metlog/internal/codec/frame_header.h"
#include "tools/router/input/frame.h"

namespace metlog {

/// Keeps the frames of an input; asks it to stop once it has `enough` of them.
class CollectingSink : public FrameSink {
 public:
  explicit CollectingSink(std::size_t enough = 1'000'000) : enough_(enough) {}

  bool take(const Frame& frame) override {
    texts.emplace_back(frame.text);
    sent_bytes.push_back(frame.sent_bytes);
    if (is_batched_frame(frame.text)) return texts.size() < enough_;  // needs no padding
    // Reads the padding, so that the address sanitizer sees when there is none.
    for (std::size_t i = 0; i < kFramePadding; ++i) padding_sum += frame.text.end()[i];
    return texts.size() < enough_;
  }

  std::vector<std::string> texts;
  std::vector<std::size_t> sent_bytes;
  int padding_sum = 0;

 private:
  const std::size_t enough_;
};

}  // namespace metlog
