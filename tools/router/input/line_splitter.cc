#include "tools/router/input/line_splitter.h"

#include <algorithm>

namespace metlog {

void LineSplitter::add(std::string_view bytes, FrameSink& sink) {
  std::size_t end = 0;
  while ((end = bytes.find('\n')) != std::string_view::npos) {
    append(bytes.substr(0, end));
    end_line(sink);
    bytes.remove_prefix(end + 1);
  }
  append(bytes);
}

void LineSplitter::finish(FrameSink& sink) {
  if (bytes_ != 0) pass(kept_, bytes_, sink);
  clear();
}

void LineSplitter::clear() {
  kept_ = bytes_ = line_bytes_ = 0;
  is_indented_ = false;
}

void LineSplitter::append(std::string_view bytes) {
  if (bytes.empty()) return;
  if (line_bytes_ == 0) line_first_ = bytes.front();
  line_bytes_ += bytes.size();
  const std::size_t taken = std::min(bytes.size(), max_bytes_ - kept_);
  if (buffer_.size() < kept_ + taken + kFramePadding) buffer_.resize(kept_ + taken + kFramePadding);
  std::copy_n(bytes.data(), taken, buffer_.data() + kept_);
  kept_ += taken;
  bytes_ += bytes.size();
}

void LineSplitter::end_line(FrameSink& sink) {
  const bool is_one_byte = line_bytes_ == 1;
  const bool is_last = is_indented_ && is_one_byte && line_first_ == '}';
  const bool belongs_to_message = line_bytes_ != 0 && line_first_ == ' ';
  if (is_indented_ && !is_last && !belongs_to_message) {
    // The message was cut, and this line is no part of it.
    const std::size_t before = bytes_ - line_bytes_;
    const std::size_t kept_before = std::min(before, kept_);
    pass(kept_before, before, sink);
    std::copy(buffer_.data() + kept_before, buffer_.data() + kept_, buffer_.data());
    kept_ -= kept_before;
    bytes_ = line_bytes_;
    is_indented_ = false;
  }
  const bool begins = into_ == Into::kMessages && is_one_byte && line_first_ == '{';
  if (!is_last && (is_indented_ || begins)) {
    is_indented_ = true;
    append("\n");
    line_bytes_ = 0;
    return;
  }
  pass(kept_, bytes_, sink);
  clear();
}

/// Passes the first `kept` bytes of the buffer, of a message of `bytes`.
void LineSplitter::pass(std::size_t kept, std::size_t bytes, FrameSink& sink) {
  sink.take({{buffer_.data(), kept}, bytes});
}

}  // namespace metlog
