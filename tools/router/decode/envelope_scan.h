#pragma once

#include <cstddef>
#include <string_view>

#include "tools/router/decode/decoded_message.h"
#include "tools/router/decode/envelope_cache.h"

namespace metlog {

/// Validates and reads an envelope in one pass, if it is as senders usually write it: at most one
/// space after `:` and `,`, no escapes in the nine keys and their strings, no extreme numbers or
/// depth. Messages that `cache` knows are compared instead; new ones are added to it.
///
/// True when the whole text is a valid envelope: `message` then has what the parser would have
/// found, with places in `memory`, and the text has no control characters. False means nothing: the
/// parser must decide.
///
/// The text has no whitespace around it and kFramePadding readable bytes after it. `depth` is
/// DecoderLimits::depth and must be the same for all texts of one cache.
bool scan_envelope(std::string_view text, std::size_t depth, EnvelopeCache& cache,
                   DecodedMessage& message, MessageMemory& memory);

}  // namespace metlog
