#include <CLI/CLI.hpp>

#include "tools/console/option_checks.h"
#include "tools/metlog/status.h"

namespace metlog {
namespace {

constexpr const char* kExamples = R"(
Examples:
  metlogd --http 127.0.0.1:5570
      a router that shows its state
  metlog status
      what was lost, where, why, and since when; its outputs
  metlog status --pid-file /run/metlogd.pid --json
      the same of this router as JSON, with the whole ledger

A browser shows it as a page: http://127.0.0.1:5570/
Exit codes: 0 nothing was lost or rejected, 1 something was, or the router does
not answer, 2 there is no such router.)";

}  // namespace

CLI::App* add_status(CLI::App& app, StatusOptions& options) {
  CLI::App* const status =
      app.add_subcommand("status", "Show the state of a metlogd that runs: what was lost, and why");
  status->footer(kExamples);
  CLI::Option* const http =
      status->add_option("--http", options.http, "The address of metlogd --http")
          ->type_name("HOST:PORT")
          ->capture_default_str();
  status
      ->add_option("--pid-file", options.pid_file,
                   "The file that metlogd --pid-file writes, which leads to the address")
      ->type_name("FILE")
      ->excludes(http);
  status->add_flag("--json", options.is_json, "Print what /status.json has");
  status->add_option("--wait", options.wait_s, "Seconds to wait for the answer; 0.1 to 3600")
      ->type_name("SECONDS")
      ->check(between(0.1, 3600.0))
      ->capture_default_str();
  return status;
}

}  // namespace metlog
