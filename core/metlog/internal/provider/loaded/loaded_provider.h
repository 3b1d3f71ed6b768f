#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/filter.h"
#include "metlog/formatter.h"
#include "metlog/plugin.h"
#include "metlog/providers.h"

namespace metlog {

// What the provider in a shared object makes, `path/to/lib.so:symbol`. The library stays loaded for
// as long as anything of it is in use, a call under way included, and is then unloaded. Errors name
// the library; what it refused or threw leaves nothing behind.

absl::StatusOr<Plugin> load_plugin(std::string_view name, const ValueMap& parameters);
absl::StatusOr<Filter> load_filter(std::string_view name, const ValueMap& parameters);
absl::StatusOr<SenderPlan> load_sender(std::string_view name, const Arguments& arguments);
absl::StatusOr<Formatter> load_formatter(std::string_view name);

}  // namespace metlog
