#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/sender.h"

namespace metlog {

/// What add_message_id() adds at most.
inline constexpr std::size_t kMaxMessageIdBytes = 96;

/// Adds the identity of a message to its text, from `begin` to `end`, and returns the new end:
/// session, stream and number as `metlog_id`, the last key of a JSON object or the last word of a
/// line; in GELF `_metlog_id`. A message that comes twice has the same one. docs/wire.md has its
/// form.
char* add_message_id(char* begin, char* end, const StreamId& stream, std::uint64_t sequence);

}  // namespace metlog
