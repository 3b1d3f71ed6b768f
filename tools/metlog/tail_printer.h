#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "tools/console/terminal.h"
#include "tools/metlog/tail.h"
#include "tools/router/decode/decoder.h"
#include "tools/router/input/frame_reader.h"

namespace metlog {

/// Decodes, filters and prints what arrives. Used by one thread.
class TailPrinter final : public FrameSink {
 public:
  /// The longest message that is shown, in bytes.
  static constexpr std::size_t kLongestMessage = 16 * 1024 * 1024;

  explicit TailPrinter(const TailOptions& options);

  /// False once the output takes no more.
  bool take(const Frame& frame) override;
  /// Writes what has been taken.
  void flush();
  [[nodiscard]] StandardOutput& output() { return output_; }
  /// What was no message, with the reasons: "3 were no messages: not_json 3", and batched frames
  /// that came damaged; empty without any.
  [[nodiscard]] std::string rejections() const;

 private:
  void take_message(const MessageBytes& bytes);
  void append(const DecodedMessage& message);

  const Matcher matcher_;
  const bool json_;
  const bool colours_;
  const bool is_terminal_;
  FrameReader reader_;
  Decoder decoder_;
  DecodedMessage message_;
  std::string text_;
  StandardOutput output_;
  std::array<std::uint64_t, kRejectReasonCount> rejected_{};
};

}  // namespace metlog
