#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace metlog {

/// Options that several sub-commands have, with their checks.

/// --to URL, which must be there.
void add_destination(CLI::App& command, std::string& url);

/// A severity by number or name.
void add_severity(CLI::App& command, const std::string& name, const std::string& help,
                  const std::function<void(int)>& take);

/// --wait SECONDS: how long closing may take.
void add_wait(CLI::App& command, double& seconds);

}  // namespace metlog
