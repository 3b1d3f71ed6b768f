#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace metlog {

// Options that several commands have, with their checks.

/// Adds --to URL, which is required.
void add_destination(CLI::App& command, std::string& url);

/// Adds an option whose value is a severity, by number or name; see parse_severity().
void add_severity(CLI::App& command, const std::string& name, const std::string& help,
                  const std::function<void(int)>& take);

/// Adds --wait SECONDS, the time limit for closing.
void add_wait(CLI::App& command, double& seconds);

}  // namespace metlog
