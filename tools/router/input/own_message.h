#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/router/input/frame.h"

namespace metlog {

/// A message that the router makes itself.
struct OwnMessage {
  std::string_view type;
  std::string_view logger;
  int severity = 6;
  std::string_view payload;
  std::string_view fields;  // a JSON object
  std::int64_t utc_ns = 0;  // since 1970
};

/// Writes it into `buffer`, as from this process; returns the frame, which is in the buffer.
Frame write_own_frame(const OwnMessage& message, std::string& buffer);

}  // namespace metlog
