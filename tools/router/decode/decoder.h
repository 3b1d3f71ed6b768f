#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "tools/router/decode/decoded_message.h"
#include "tools/router/input/frame.h"

namespace metlog {

struct DecoderLimits {
  std::size_t message_bytes = 256 * 1024;
  std::size_t depth = 64;      // nested objects and arrays, the message itself counted
  bool any_timestamp = false;  // accept time stamps that do not exist, for a reader that shows them
  bool repair_timestamps = false;  // replace them: see rewrite_envelope()
};

/// Decodes JSON envelopes. Validates the whole text: in one fast pass if it is as senders usually
/// write it (scan_envelope()), otherwise with a general parser, which alone rejects. A key that an
/// object has twice counts with its last value, at the top, in `fields` and deeper; the message is
/// then written again, so that what is passed on has the key once and no later reader can see
/// another value. What other clients of the envelope send is repaired, which the message says
/// (envelope_repair.h). Allocates in its constructor, for the longest message, and not again but
/// for such a message, for an object of many keys that the fast pass does not take, and for memory
/// that a caller keeps. Used by one thread.
class Decoder {
 public:
  explicit Decoder(const DecoderLimits& limits);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Decodes into `message`, or returns the reason; `message` is then unspecified. The bytes must
  /// stay unchanged while the message is used. Whitespace around the JSON text is ignored, so a
  /// datagram may end in a newline. Keys other than the nine are allowed.
  /// The rules are the same whichever way a message was read.
  /// What the message refers to beside its bytes is in `memory`.
  std::optional<RejectReason> decode(const MessageBytes& bytes, DecodedMessage& message,
                                     MessageMemory& memory);
  /// Decodes a message that is used only until the next decode().
  std::optional<RejectReason> decode(const MessageBytes& bytes, DecodedMessage& message) {
    memory_.clear();
    return decode(bytes, message, memory_);
  }

 private:
  struct Parsed;  // has simdjson's types

  std::optional<RejectReason> read(DecodedMessage& message, MessageMemory& memory);
  [[nodiscard]] std::optional<RejectReason> parse(std::string_view text);
  /// Parses the message, if need be with its tokens repaired.
  [[nodiscard]] std::optional<RejectReason> parse_tokens(DecodedMessage& message,
                                                         MessageMemory& memory);
  /// Reads the message as an envelope of another form; `reason` when it is none.
  std::optional<RejectReason> read_other_form(RejectReason reason, DecodedMessage& message,
                                              MessageMemory& memory);
  /// Writes the parsed message again without the keys that one object has twice, and parses it.
  [[nodiscard]] std::optional<RejectReason> rewrite(DecodedMessage& message, MessageMemory& memory);

  const DecoderLimits limits_;
  const std::unique_ptr<Parsed> parsed_;
  MessageMemory memory_;  // of the last message, unless the caller has its own
};

}  // namespace metlog
