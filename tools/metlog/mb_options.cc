#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "tools/metlog/mb.h"

namespace metlog {
namespace {

constexpr const char* kExamples = R"(
Examples:
  metlog mb 127.0.0.1 5565
      messages of type MBTEST over UDP, as fast as possible, until Ctrl-C
  metlog mb 127.0.0.1 5565 --raw
      the same datagram again and again, made once: the speed of the socket
  metlog mb 127.0.0.1 5565 --metlogcfg=app.ini
      by the client of section [metlog]; HOST and PORT are not used then

The benchmark of metlog-py, with its options and exit codes: 0 stopped, 1 wrong
usage, a PORT that is no number or a configuration that is refused. For numbers
and a ledger at the end use metlog flood.)";

}  // namespace

CLI::App* add_mb(CLI::App& app, MbOptions& options) {
  CLI::App* const mb = app.add_subcommand("mb", "Load a destination as metlog-py's mb did");
  mb->footer(kExamples);
  mb->add_option("HOST", options.host, "The host to send to")->required()->type_name("");
  mb->add_option("PORT", options.port, "The UDP port, 1 to 65535")->required()->type_name("");
  mb->add_option("--metlogcfg", options.metlogcfg, "An INI file with a section [metlog]")
      ->type_name("FILE");
  mb->add_flag("--raw", options.raw, "Send one ready message, without a client");
  return mb;
}

void complete_mb_options(std::vector<std::string>& arguments) {
  constexpr std::array<std::string_view, 3> kOptions = {"--metlogcfg", "--raw", "--help"};
  if (arguments.empty() || arguments.front() != "mb") return;
  for (std::string& argument : arguments) {
    if (argument == "--") return;
    if (!argument.starts_with("--")) continue;
    const std::size_t end = std::min(argument.find('='), argument.size());
    const std::string name = argument.substr(0, end);
    const auto fits = [&](std::string_view option) { return option.starts_with(name); };
    // No two begin with the same letter.
    const auto option = std::find_if(kOptions.begin(), kOptions.end(), fits);
    if (option != kOptions.end()) argument.replace(0, end, *option);
  }
}

int refuse_mb_usage() {
  std::fputs("Usage:\n  metlog mb HOST PORT [--metlogcfg=<ini_file>] [--raw]\n", stderr);
  return 1;
}

}  // namespace metlog
