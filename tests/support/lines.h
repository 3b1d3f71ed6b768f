#pragma once

#include <cstdint>
#include <string_view>

namespace metlog {

/// Functions that read captured text lines.

/// A failure of the test unless `line` begins with a time stamp and a severity, and holds neither a
/// newline nor any other control.
void expect_is_line(std::string_view line);

/// True for a line of metlog.loss.
bool is_loss_line(std::string_view line);
/// True for a line of metlog.clock.
bool is_clock_line(std::string_view line);
/// Returns the count in a line of metlog.loss.
std::uint64_t loss_line_count(std::string_view line);

}  // namespace metlog
