#pragma once

#include <string>
#include <string_view>

namespace metlog {

/// Makes a name of a counter or timer one of Prometheus: lower case, with an underscore where case
/// changes ("httpRequests" is http_requests) and for each run of other characters than letters and
/// digits. A name that begins with a digit gets an underscore before it, and an empty one is
/// "unnamed". Cut to kMaxMetricNameBytes.
std::string metric_name(std::string_view raw);
inline constexpr std::size_t kMaxMetricNameBytes = 120;

/// The same for a label's name, but as it is: only other characters become underscores, and what
/// is reserved (a beginning `__`, `le`) gets an x before it.
std::string label_name(std::string_view raw);

/// Eight hexadecimal digits that depend on the whole name: appended to a name that another one
/// has become, too.
std::string name_digest(std::string_view raw);

}  // namespace metlog
