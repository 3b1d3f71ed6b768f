#pragma once

#include <string>
#include <string_view>

namespace metlog {

/// base64(zlib(text)) in the standard alphabet, without line breaks; what Sentry's clients of the
/// original's time sent, byte for byte.
///
/// zlib is loaded at the first call, so that a program that never reports an exception does not
/// depend on it. Where libz.so.1 is missing, the stream has uncompressed blocks, which every zlib
/// reads. Any thread.
std::string packed_text(std::string_view text);

/// The zlib stream with uncompressed blocks.
std::string stored_stream(std::string_view text);

}  // namespace metlog
