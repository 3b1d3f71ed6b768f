#include <CLI/CLI.hpp>

#include "tools/metlog/config.h"

namespace metlog {
namespace {

constexpr const char* kExamples = R"(
Examples:
  metlog config app.ini
      the section [metlog] as a client would see it, one JSON object
  metlog config app.ini --section metlog_config --explain
      one value per line with its origin: file and line, section, option,
      [DEFAULT], %(name)s, environment
  metlog config app.ini --check > /dev/null && systemctl reload app
      checks that a client would accept sender, filters, severity and timers;
      filters and senders that only the program defines are not known here
  metlog config app.json | jq .sender
      JSON is the dictionary itself; sender_* and global_* are nested there too

A file is JSON when its name ends in .json or it begins with a brace.
An INI file in short:
  [metlog]
  logger = shop
  disabled_timers = db.query
                    cache.get
  sender_class = metlog.senders.UdpSender
  sender_host = ${METLOG_HOST}
  sender_port = 5565
  [metlog_filter_noise]
  provider = metlog.filters.severity_max_provider
  severity = 6
docs/configuration.md has the details. Exit codes: 0 the file is a configuration,
1 the output could not be written, 2 it is not one; stderr says what is wrong.)";

}  // namespace

CLI::App* add_config(CLI::App& app, ConfigOptions& options) {
  CLI::App* const config =
      app.add_subcommand("config", "Show what a configuration file says, as one JSON object");
  config->footer(kExamples);
  config->add_option("FILE", options.file, "An INI or JSON file")->required()->type_name("");
  config->add_option("--section", options.section, "The section of an INI file; metlog if absent")
      ->type_name("S");
  config->add_flag("--explain", options.explains, "Show the origin of each value, one per line");
  config->add_flag("--check", options.checks,
                   "Also refuse what a client would refuse; plugins are not checked");
  return config;
}

}  // namespace metlog
