#pragma once

#include <string_view>
#include <vector>

#include "metlog/plugin.h"

namespace metlog {

/// Whether a client has something of this name by itself, a method or not, as the reference's
/// clients and ours do.
bool is_clients_own(std::string_view name);

/// A client's own method as call() finds it; null for any other name.
const Method* find_builtin(std::string_view name);
std::vector<std::string_view> builtin_names();

}  // namespace metlog
