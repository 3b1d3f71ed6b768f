#pragma once

#include <cstdint>

namespace metlog {

/// What a client's messages look like; docs/wire.md has all but the last.
enum class MessageFormat : std::uint8_t {
  kJson,      // the reference's envelope
  kText,      // a line for humans
  kIndented,  // the envelope for readers, several lines of ASCII
  kOwn,       // by a function of the user's, see Formatter
};

}  // namespace metlog
