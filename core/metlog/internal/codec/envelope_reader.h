#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "metlog/message.h"

namespace metlog {

/// Reads back what EnvelopeEncoder wrote, so that a filter sees what the wire would say, whatever
/// records may hold. Used by one thread.
class EnvelopeReader {
 public:
  EnvelopeReader();
  ~EnvelopeReader();
  EnvelopeReader(const EnvelopeReader&) = delete;
  EnvelopeReader& operator=(const EnvelopeReader&) = delete;

  /// The message of an envelope whose time stamp is `utc_ns`; nothing when it is none.
  std::optional<Message> read(std::string_view envelope, std::int64_t utc_ns);

 private:
  struct Parser;  // simdjson's, kept out of this header
  std::unique_ptr<Parser> parser_;
};

}  // namespace metlog
