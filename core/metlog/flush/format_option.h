#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/codec/message_format.h"

namespace metlog {

/// A destination's URL in two: what the engine does with it, and what the sender.
struct FormattedUrl {
  std::string url;  // without the option, for make_sender()
  MessageFormat format;
};

/// Takes the option `format=json` or `format=text` off a URL; `preset` holds where it has none.
/// kInvalidArgument for another value, for one that stands twice, and for text in batched frames,
/// whose readers expect JSON.
absl::StatusOr<FormattedUrl> take_format(std::string_view url, MessageFormat preset);

}  // namespace metlog
