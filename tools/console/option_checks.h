#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace CLI {
class App;
class ParseError;
class Validator;
}  // namespace CLI

namespace metlog {

// Options that several commands have, with their checks.

/// Prints what ends the parsing: the help or the version to the standard output, a mistake to
/// stderr. Returns the exit code; kExitLost when the standard output does not take the text.
int end_of_parsing(const CLI::App& app, const CLI::ParseError& end, std::string_view program);

/// Refuses what is not a number from `min` to `max`, both included. NaN is not one. The help texts
/// state the bounds, so it has no description.
CLI::Validator between(double min, double max);
CLI::Validator between(std::uint64_t min, std::uint64_t max);

/// Adds --to URL, which is required.
void add_destination(CLI::App& command, std::string& url);

/// Adds an option whose value is a severity, by number or name; see parse_severity().
void add_severity(CLI::App& command, const std::string& name, const std::string& help,
                  const std::function<void(int)>& take);

/// When the standard output has colours.
enum class Colour : std::uint8_t { kAuto, kAlways, kNever };

/// kAuto has them on a terminal, unless NO_COLOR is set.
bool uses_colours(Colour colour);

/// Adds --color auto|always|never.
void add_colour(CLI::App& command, Colour& colour, const std::string& help);

/// Adds --wait SECONDS, the time limit for closing.
void add_wait(CLI::App& command, double& seconds);

}  // namespace metlog
