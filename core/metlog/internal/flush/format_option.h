#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/formatter.h"

namespace metlog {

/// A destination's URL in two: what the engine does with it, and what the sender.
struct FormattedUrl {
  std::string url;  // without the option, for make_sender()
  Formatter format;
};

/// Takes the option `format=json`, `format=text` or `format=indented` off a URL; `preset` holds
/// where it has none. kInvalidArgument for another value, for one that stands twice, and for
/// anything but JSON lines in batched frames, whose readers expect these.
absl::StatusOr<FormattedUrl> take_format(std::string_view url, const Formatter& preset);

}  // namespace metlog
