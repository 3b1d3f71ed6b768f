#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "tools/router/decode/decoder.h"

namespace metlog {

/// Decodes the messages of a batch, JSON as they were received, for bodies of another form. Used by
/// one thread.
class BodyMessage {
 public:
  /// Returns the message, which is valid until the next call; null when it is none.
  const DecodedMessage* decode(std::string_view json);

 private:
  std::size_t longest_ = 0;  // that decoder_ takes
  std::unique_ptr<Decoder> decoder_;
  std::string bytes_;
  DecodedMessage message_;
};

}  // namespace metlog
