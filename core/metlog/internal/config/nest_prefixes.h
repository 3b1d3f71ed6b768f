#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "metlog/value.h"

namespace metlog {

/// Copies every key `<prefix>_<rest>` into the map under `<prefix>`, as `<rest>`; there it wins
/// over a key that is given in the map itself. The flat keys stay. `<rest>` may be empty. Fails
/// when
/// `<prefix>` is there and no map; then the dictionary is unchanged.
absl::Status nest_prefixes(ValueMap& dict,
                           const std::vector<std::string_view>& prefixes = {"sender", "global"},
                           std::string_view separator = "_");

}  // namespace metlog
