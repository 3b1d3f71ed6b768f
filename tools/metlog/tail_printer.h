#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tools/console/terminal.h"
#include "tools/metlog/tail.h"
#include "tools/router/decode/decoded_message.h"
#include "tools/router/decode/decoder.h"
#include "tools/router/input/frame_reader.h"

namespace metlog {

/// Decodes, filters and prints what arrives. Used by one thread.
class TailPrinter final : public FrameSink {
 public:
  /// The longest message that is shown, in bytes.
  static constexpr std::size_t kMaxMessage = 16 * 1024 * 1024;

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

/// Appends the message as one line for a human: time, severity, logger, type, payload, fields.
/// Fit for a terminal, whatever stands in the message.
void append_message_line(std::string& out, const DecodedMessage& message, bool colours);

/// A key with its value, as they stand in the JSON text.
struct JsonMember {
  std::string_view key;    // between the quotes, escapes as they are
  std::string_view value;  // a text with its quotes
};

/// Walks over the members of a JSON object that is known to be valid. Of other text it makes
/// something, and never reads beyond its end. Used by one thread.
class JsonMembers {
 public:
  explicit JsonMembers(std::string_view object) : rest_(object) { skip("{"); }

  /// False when there are no more.
  bool next(JsonMember& member);

 private:
  void skip(std::string_view also);
  std::string_view take(std::size_t size);

  std::string_view rest_;
};

/// The value of a key, by the text of it; empty when there is none.
std::string_view json_member(std::string_view object, std::string_view key);

}  // namespace metlog
