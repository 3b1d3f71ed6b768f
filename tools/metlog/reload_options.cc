#include <CLI/CLI.hpp>

#include "tools/console/option_checks.h"
#include "tools/metlog/reload.h"

namespace metlog {
namespace {

constexpr const char* kExamples = R"(
Examples:
  metlogd --config /etc/metlogd.toml --pid-file /run/metlogd.pid
      a router that can be asked
  metlogd --check /etc/metlogd.toml && metlog reload --pid-file /run/metlogd.pid
      takes the changed file, and says what became of it

Inputs and outputs that did not change go on untouched, and no message is lost.
Exit codes: 0 it was reloaded, or only asked for with a PID, 1 no answer in
time, 2 the configuration is wrong (nothing has changed then), or there is no
such metlogd.)";

}  // namespace

CLI::App* add_reload(CLI::App& app, ReloadOptions& options) {
  CLI::App* const reload =
      app.add_subcommand("reload", "Ask a metlogd to read its configuration again");
  reload->footer(kExamples);
  CLI::Option* const file =
      reload->add_option("--pid-file", options.pid_file, "The file that metlogd --pid-file writes")
          ->type_name("FILE");
  reload->add_option("PID", options.pid, "The number of the process, without a pid file")
      ->check(CLI::PositiveNumber.description(""))
      ->excludes(file);
  reload->add_option("--wait", options.wait_s, "Seconds to wait for the answer; 0 to 3600")
      ->type_name("SECONDS")
      ->check(between(0.0, 3600.0))
      ->capture_default_str();
  reload->callback([&options] {
    if (options.pid_file.empty() && options.pid == 0) {
      throw CLI::ValidationError("reload", "name the router: --pid-file FILE, or its PID");
    }
  });
  return reload;
}

}  // namespace metlog
