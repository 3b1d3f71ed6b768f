#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tools/console/terminal.h"
#include "tools/metlog/tail.h"
#include "tools/router/decode/decoded_message.h"
#include "tools/router/decode/decoder.h"
#include "tools/router/input/frame_reader.h"

namespace metlog {

/// Decodes, filters and prints messages, each on one line, also when it was indented: as JSON, or
/// for a person with time, severity, logger, type, payload and fields. On a terminal no byte of a
/// message is interpreted as a control sequence. Used by one thread.
class TailPrinter final : public FrameSink {
 public:
  /// The longest message that is shown, in bytes.
  static constexpr std::size_t kMaxMessage = 16 * 1024 * 1024;

  explicit TailPrinter(const TailOptions& options);
  ~TailPrinter();

  /// False once the output accepts no more.
  bool take(const Frame& frame) override;
  /// Writes what has been taken.
  void flush();
  [[nodiscard]] StandardOutput& output() { return output_; }
  /// Counts what was not a message, by reason, and the damaged batched frames: "3 were no messages:
  /// not_json 3". Empty when there were none.
  [[nodiscard]] std::string rejections() const;

 private:
  struct Parser;  // simdjson's, kept out of this header

  void take_message(const MessageBytes& bytes);
  void tell_first(RejectReason reason, std::string_view text);
  void append_json(const DecodedMessage& message);
  void append_text(const DecodedMessage& message);

  const Matcher matcher_;
  const bool json_;
  const bool follows_;
  const bool colours_;
  const bool is_terminal_;
  FrameReader reader_;
  Decoder decoder_;
  DecodedMessage message_;
  const std::unique_ptr<Parser> parser_;
  std::string text_;
  StandardOutput output_;
  std::array<std::uint64_t, kRejectReasonCount> rejected_{};
  bool has_told_ = false;  // of the first that was rejected
};

}  // namespace metlog
