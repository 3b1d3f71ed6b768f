#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace metlog {

/// Reads a number of bytes: "262144", "256KiB", "16 MiB", "1G". A K is 1024 bytes, with or without
/// its B or iB, in any case. Empty for anything else, and for more than 64 bits.
std::optional<std::size_t> parse_bytes(std::string_view text);

/// Reads a duration: "500ms", "1.5 s", "10m", "2h", "1d"; also ns, us, min. A number without a
/// unit is none, but for 0. Empty for anything else, and for more than 100 years.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// The shortest text that reads back as the same: "16MiB", "1500B".
std::string bytes_text(std::size_t bytes);
/// "500ms", "30s", "10m".
std::string duration_text(std::chrono::nanoseconds duration);

}  // namespace metlog
