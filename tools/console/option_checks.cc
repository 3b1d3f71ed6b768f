#include "tools/console/option_checks.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <limits>
#include <map>
#include <sstream>
#include <string>

#include "metlog/internal/text/severity_names.h"
#include "tools/console/report.h"
#include "tools/console/terminal.h"

namespace metlog {
namespace {

template <class T>
CLI::Validator number_between(T min, T max) {
  const auto check = [min, max](const std::string& text) {
    T value{};
    // As CLI11 converts the value itself. NaN compares false with both bounds.
    if (CLI::detail::lexical_cast(text, value) && value >= min && value <= max) {
      return std::string();
    }
    std::ostringstream refusal;
    refusal.precision(std::numeric_limits<double>::digits10);
    refusal << '"' << text << "\" is not a number from " << min << " to " << max;
    return refusal.str();
  };
  return CLI::Validator(check, "");
}

}  // namespace

CLI::Validator between(double min, double max) { return number_between(min, max); }
CLI::Validator between(std::uint64_t min, std::uint64_t max) { return number_between(min, max); }

int end_of_parsing(const CLI::App& app, const CLI::ParseError& end, std::string_view program) {
  std::ostringstream text;
  const bool is_mistake = app.exit(end, text, std::cerr) != 0;
  return is_mistake ? kExitUsage : print(text.str(), program);
}

void add_destination(CLI::App& command, std::string& url) {
  command
      .add_option(
          "--to", url,
          "The destination: udp://HOST:PORT, tcp://HOST:PORT (ZMQ), ipc://PATH, file:///PATH, "
          "stdout: or null:")
      ->required()
      ->type_name("URL");
}

void add_severity(CLI::App& command, const std::string& name, const std::string& help,
                  const std::function<void(int)>& take) {
  command
      .add_option_function<std::string>(
          name,
          [name, take](const std::string& text) {
            const std::optional<int> severity = parse_severity(text);
            if (!severity.has_value()) {
              throw CLI::ValidationError(
                  name, "\"" + text + "\" is not a severity; write " + severity_choices());
            }
            take(*severity);
          },
          help)
      ->type_name("N|NAME");
}

bool uses_colours(Colour colour) {
  return colour == Colour::kAuto ? wants_colours(stdout) : colour == Colour::kAlways;
}

void add_colour(CLI::App& command, Colour& colour, const std::string& help) {
  const std::map<std::string, Colour> choices = {
      {"auto", Colour::kAuto}, {"always", Colour::kAlways}, {"never", Colour::kNever}};
  command
      .add_option_function<std::string>(
          "--color",
          [&colour, choices](const std::string& name) {
            const auto found = choices.find(name);
            if (found == choices.end()) {
              throw CLI::ValidationError(
                  "--color", "\"" + name + "\" is not a choice; write auto, always or never");
            }
            colour = found->second;
          },
          help)
      ->type_name("auto|always|never");
}

void add_wait(CLI::App& command, double& seconds) {
  constexpr double kMaxSeconds = 3600;
  command
      .add_option("--wait", seconds,
                  "Seconds to wait at the end for the destination to have everything; 0 to 3600")
      ->type_name("SECONDS")
      ->check(between(0.0, kMaxSeconds))
      ->capture_default_str();
}

}  // namespace metlog
