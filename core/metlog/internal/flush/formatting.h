#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "metlog/formatter.h"
#include "metlog/internal/codec/envelope_reader.h"

namespace metlog {

/// A client's formatter at work behind the rings, for formats that are made of the envelope and not
/// of the record: indented JSON, and the user's own. Used by the flusher.
class Formatting {
 public:
  /// Whether a formatter is one of these.
  static bool is_for(const Formatter& formatter) {
    return formatter.format() == MessageFormat::kIndented ||
           formatter.format() == MessageFormat::kOwn;
  }

  explicit Formatting(Formatter formatter) : formatter_(std::move(formatter)) {}

  /// The text of the message in this envelope; nothing when the user's function throws.
  std::optional<std::string> text_of(std::string_view envelope, std::int64_t utc_ns);

 private:
  const Formatter formatter_;
  EnvelopeReader reader_;
};

}  // namespace metlog
