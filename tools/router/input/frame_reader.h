#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include "metlog/internal/codec/frame_header.h"
#include "tools/router/input/frame.h"
#include "tools/router/input/frame_ledger.h"
#include "tools/router/input/sequence_table.h"

namespace metlog {

/// Counts frames, plain and batched, and splits them into messages. A damaged batched frame yields
/// none. Used by one thread.
class FrameReader {
 public:
  /// A line longer than `message_bytes` is cut to that size.
  explicit FrameReader(std::size_t message_bytes);

  /// Calls `message(const MessageBytes&)` for each message of the frame, in order. The bytes are
  /// valid during the call, with padding when the frame has it.
  template <class F>
  void read(const Frame& frame, F message) {
    is_plain_ = !is_batched_frame(frame.text);
    if (is_plain_) {
      ++counts_.plain;
      message(MessageBytes{frame.text, frame.sent_bytes});
      return;
    }
    std::string_view lines = open(frame);
    while (!lines.empty()) {
      const auto* end = static_cast<const char*>(std::memchr(lines.data(), '\n', lines.size()));
      const std::size_t size = static_cast<std::size_t>(end - lines.data());
      const std::string_view line = lines.substr(0, size);
      lines.remove_prefix(size + 1);
      message(lines.size() >= kFramePadding ? MessageBytes{line, size} : padded(line));
    }
  }

  [[nodiscard]] const FrameCounts& counts() const { return counts_; }
  /// Why the last damaged frame was rejected; only when there was one.
  [[nodiscard]] FrameDamage last_damage() const { return last_damage_; }
  [[nodiscard]] const SequenceTable& sequences() const { return sequences_; }
  /// True when the last frame was a plain one.
  [[nodiscard]] bool is_plain() const { return is_plain_; }

 private:
  /// Returns the lines of a batched frame, each with its newline; empty when it is damaged.
  std::string_view open(const Frame& frame);
  /// Returns a copy of the line with padding after it, for a line near the frame's end.
  MessageBytes padded(std::string_view line);

  const std::size_t message_bytes_;
  const std::unique_ptr<char[]> padded_;
  FrameCounts counts_;
  FrameDamage last_damage_{};
  bool is_plain_ = false;
  SequenceTable sequences_;
};

/// The number of newlines in `text`.
[[nodiscard]] std::size_t count_lines(std::string_view text);

}  // namespace metlog
