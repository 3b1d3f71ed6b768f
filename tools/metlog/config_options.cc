#include <CLI/CLI.hpp>

#include "tools/metlog/config.h"

namespace metlog {
namespace {

constexpr const char* kExamples = R"(
Examples:
  metlog config app.ini
      the section [metlog] as a client would see it, one JSON object
  metlog config app.ini --section metlog_config --explain
      a value a line, and where it comes from: file and line, section, option,
      [DEFAULT], %(name)s, environment
  metlog config app.ini --check > /dev/null && systemctl reload app
      sender, filters, severity and timers are what a client takes; filters and
      senders that the program itself brings along are not known here
  metlog config app.json | jq .sender
      JSON is the dictionary itself; sender_* and global_* are nested all the same

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
docs/configuration.md tells the rest. Exit codes: 0 the file is a configuration,
1 the output could not be written, 2 it is none; what is wrong stands on stderr.)";

}  // namespace

CLI::App* add_config(CLI::App& app, ConfigOptions& options) {
  CLI::App* const config =
      app.add_subcommand("config", "Show what a configuration file says, as one JSON object");
  config->footer(kExamples);
  config->add_option("FILE", options.file, "An INI or JSON file")->required()->type_name("");
  config->add_option("--section", options.section, "The section of an INI file; metlog if absent")
      ->type_name("S");
  config->add_flag("--explain", options.explains, "Tell where each value comes from, one a line");
  config->add_flag("--check", options.checks,
                   "Refuse also what a client would refuse; plugins are not looked at");
  return config;
}

}  // namespace metlog
