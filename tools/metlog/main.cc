#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "metlog/internal/base/standard_descriptors.h"
#include "tools/console/option_checks.h"
#include "tools/metlog/config.h"
#include "tools/metlog/flood.h"
#include "tools/metlog/keygen.h"
#include "tools/metlog/match.h"
#include "tools/metlog/mb.h"
#include "tools/metlog/recover.h"
#include "tools/metlog/reload.h"
#include "tools/metlog/send.h"
#include "tools/metlog/status.h"
#include "tools/metlog/tail.h"
#include "tools/metlog/tune/measure/point.h"
#include "tools/metlog/tune/tune.h"

namespace {

constexpr const char* kExamples = R"(
Try it: start metlogd in one terminal, then in another
  metlog send --to udp://127.0.0.1:5565 --type hello --payload world
  metlog tail
  metlog match "Severity <= 3 || Fields[status] >= 500" metlog.jsonl
  metlog flood --to tcp://127.0.0.1:5565 --seconds 5

Find the settings that suit this machine and load
  metlog tune

See what a configuration file says, and where
  metlog config app.ini --explain

Deliver what programs that died have left
  metlog recover

Let a router take its changed configuration
  metlog reload --pid-file /run/metlogd.pid

See what a router has lost, where, why, and since when
  metlog status

Make keys for encrypted connections
  metlog keygen router

`metlog send --help` and so on have the details, with examples.)";

/// The --help of the sub-command that was meant, to name after a mistake.
std::string help_command(const CLI::App& app) {
  std::string command = "metlog";
  for (const CLI::App* sub : app.get_subcommands()) command += ' ' + sub->get_name();
  return command + " --help";
}

std::string explain_mistake(const CLI::App* app, const CLI::Error& error) {
  std::string what = error.what();
  // CLI11 would only report that a command is missing.
  if (app->get_subcommands().empty() && app->remaining_size() != 0) {
    what =
        "\"" + app->remaining().front() +
        "\" is not a command; write send, tail, match, flood, mb, tune, config, recover, reload, "
        "status or keygen";
  }
  return "metlog: " + what + "\nTry: " + help_command(*app) + '\n';
}

/// The command line as typed, without the path of the program.
std::string command_line(int argc, char** argv) {
  std::string text = "metlog";
  for (int i = 1; i < argc; ++i) text += std::string(" ") + argv[i];
  return text;
}

int run(int argc, char** argv) {
  CLI::App app(
      "metlog sends messages, shows and finds them, loads a destination with them, finds the "
      "settings that suit a machine, shows what a configuration file says, delivers what "
      "programs that died have left, lets a router read its configuration again, shows the state "
      "of "
      "one, and makes keys.",
      "metlog");
  app.footer(kExamples);
  app.set_version_flag("--version", "metlog " METLOG_VERSION);
  app.require_subcommand(1);
  app.failure_message(explain_mistake);
  metlog::SendOptions send_options;
  metlog::TailOptions tail_options;
  metlog::FloodOptions flood_options;
  const CLI::App* const send = metlog::add_send(app, send_options);
  const CLI::App* const tail = metlog::add_tail(app, tail_options);
  metlog::MatchOptions match_options;
  const CLI::App* const match = metlog::add_match(app, match_options);
  const CLI::App* const flood = metlog::add_flood(app, flood_options);
  metlog::MbOptions mb_options;
  const CLI::App* const mb = metlog::add_mb(app, mb_options);
  metlog::ConfigOptions config_options;
  const CLI::App* const config = metlog::add_config(app, config_options);
  metlog::RecoverOptions recover_options;
  const CLI::App* const recover = metlog::add_recover(app, recover_options);
  metlog::ReloadOptions reload_options;
  const CLI::App* const reload = metlog::add_reload(app, reload_options);
  metlog::StatusOptions status_options;
  const CLI::App* const status = metlog::add_status(app, status_options);
  metlog::KeygenOptions keygen_options;
  const CLI::App* const keygen = metlog::add_keygen(app, keygen_options);
  metlog::TuneOptions tune_options;
  metlog::PointOptions point_options;
  const CLI::App* const tune = metlog::add_tune(app, tune_options);
  metlog::add_tune_point(app, point_options);
  try {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    metlog::complete_mb_options(arguments);
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    const int code = metlog::end_of_parsing(app, error, "metlog");
    return code != 0 && app.got_subcommand("mb") ? metlog::refuse_mb_usage() : code;
  }
  if (send->parsed()) return metlog::run_send(send_options);
  if (tail->parsed()) return metlog::run_tail(tail_options);
  if (match->parsed()) return metlog::run_match(match_options);
  if (flood->parsed()) return metlog::run_flood(flood_options);
  if (mb->parsed()) return metlog::run_mb(mb_options);
  if (config->parsed()) return metlog::run_config(config_options);
  if (status->parsed()) return metlog::run_status(status_options);
  if (recover->parsed()) return metlog::run_recover(recover_options);
  if (reload->parsed()) return metlog::run_reload(reload_options);
  if (keygen->parsed()) return metlog::run_keygen(keygen_options);
  if (!tune->parsed()) return metlog::run_tune_point(point_options);
  tune_options.version = METLOG_VERSION;
  tune_options.command = command_line(argc, argv);
  return metlog::run_tune(tune_options);
}

}  // namespace

int main(int argc, char** argv) {
  metlog::keep_standard_descriptors();
  return run(argc, argv);
}
