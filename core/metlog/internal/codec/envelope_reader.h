#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "metlog/message.h"

namespace metlog {

/// Reads what EnvelopeEncoder wrote, so that a filter sees what the wire would carry, even of a
/// damaged record. Used by one thread.
class EnvelopeReader {
 public:
  EnvelopeReader();
  ~EnvelopeReader();
  EnvelopeReader(const EnvelopeReader&) = delete;
  EnvelopeReader& operator=(const EnvelopeReader&) = delete;

  /// Returns the message of an envelope with the time stamp `utc_ns`, which comes from `source`, or
  /// nothing if it is not an envelope.
  std::optional<Message> read(std::string_view envelope, std::int64_t utc_ns, MessageSource source);

 private:
  struct Parser;  // keeps simdjson out of this header
  std::unique_ptr<Parser> parser_;
};

}  // namespace metlog
