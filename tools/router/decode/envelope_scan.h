#pragma once

#include <cstddef>
#include <string_view>

#include "tools/router/decode/decoded_message.h"
#include "tools/router/decode/envelope_cache.h"

namespace metlog {

/// Reads an envelope as senders usually write it, in one pass: no blanks but single ones behind
/// `:` and `,`, no escapes in the nine keys' names and texts, no extreme numbers or depth. True
/// only when the whole text was validated and is an envelope; `message` then has what the parser
/// would have found, and `raw` no control characters. False says nothing: the parser must decide.
/// The text begins and ends with no blank, and kFramePadding readable bytes lie behind it. `depth`
/// is DecoderLimits::depth, the same for all texts of one `known`, by which what was validated once
/// is not read again.
bool scan_envelope(std::string_view text, std::size_t depth, EnvelopeCache& known,
                   DecodedMessage& message);

}  // namespace metlog
