#include "tools/metlog/line_splitter.h"

#include <algorithm>

namespace metlog {

void LineSplitter::add(std::string_view bytes, FrameSink& sink) {
  std::size_t end = 0;
  while ((end = bytes.find('\n')) != std::string_view::npos) {
    append(bytes.substr(0, end));
    hand_over(sink);
    bytes.remove_prefix(end + 1);
  }
  append(bytes);
}

void LineSplitter::finish(FrameSink& sink) {
  if (line_bytes_ != 0) hand_over(sink);
}

void LineSplitter::append(std::string_view bytes) {
  const std::size_t taken = std::min(bytes.size(), longest_line_ - kept_);
  if (line_.size() < kept_ + taken + kFramePadding) line_.resize(kept_ + taken + kFramePadding);
  std::copy_n(bytes.data(), taken, line_.data() + kept_);
  kept_ += taken;
  line_bytes_ += bytes.size();
}

void LineSplitter::hand_over(FrameSink& sink) {
  sink.take({{line_.data(), kept_}, line_bytes_});
  clear();
}

}  // namespace metlog
