#include <CLI/CLI.hpp>

#include "tools/metlog/keygen.h"

namespace metlog {
namespace {

constexpr const char* kExamples = R"(
Each key is a line of 40 characters. Give NAME.pub to the peers; NAME.key stays
where it is, for the one who may read it is taken for its owner.

Examples:
  metlog keygen /etc/metlog/router
      then curve_key = "/etc/metlog/router.key" in the router's [input.NAME]
  metlog send --to "tcp://logs:5565?curve_server_key=/etc/metlog/router.pub" hello
      a client that talks to nobody else, and encrypted

Exit codes: 0 both files are written, 2 they are not (nothing is overwritten),
or wrong usage.)";

}  // namespace

CLI::App* add_keygen(CLI::App& app, KeygenOptions& options) {
  CLI::App* const keygen =
      app.add_subcommand("keygen", "Make a key pair for encrypted connections over ZeroMQ");
  keygen->footer(kExamples);
  keygen
      ->add_option("NAME", options.stem,
                   "Where: the secret key goes to NAME.key, the public one to NAME.pub")
      ->required();
  return keygen;
}

}  // namespace metlog
