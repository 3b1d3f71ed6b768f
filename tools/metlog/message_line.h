#pragma once

#include <string>

#include "tools/router/decode/decoded_message.h"

namespace metlog {

/// Appends the message as one line for a human: time, severity, logger, type, payload, fields.
/// Fit for a terminal, whatever stands in the message.
void append_message_line(std::string& out, const DecodedMessage& message, bool colours);

}  // namespace metlog
