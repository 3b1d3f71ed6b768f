#pragma once

#include <cstdint>

namespace metlog {

/// What a client's messages look like; docs/wire.md has both.
enum class MessageFormat : std::uint8_t {
  kJson,  // the reference's envelope
  kText,  // a line for humans
};

}  // namespace metlog
