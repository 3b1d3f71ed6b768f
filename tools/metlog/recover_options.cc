#include <CLI/CLI.hpp>

#include "tools/console/option_checks.h"
#include "tools/metlog/recover.h"

namespace metlog {
namespace {

constexpr const char* kExamples = R"(
What a program had logged and not sent when it died lies in shared memory,
whatever killed it. This delivers it, reports each death in the same streams
(metlog.death) and frees the memory. Programs that live are left alone.

Examples:
  metlog recover
      to the destinations that the programs had
  metlog recover --out /tmp/last-words.jsonl
      into a file
  metlog recover --to tcp://127.0.0.1:5565 --follow
      to a metlogd, now and whenever a program dies
  metlog recover --purge
      throws away what is left

It may be ended at any time and started again. Exit codes: 0 all was delivered,
or there was nothing, 1 something was lost or is left (stderr says what), 2
wrong usage.)";

}  // namespace

CLI::App* add_recover(CLI::App& app, RecoverOptions& options) {
  CLI::App* const recover =
      app.add_subcommand("recover", "Deliver what programs that died have left");
  recover->footer(kExamples);
  recover->add_option("DIR", options.directory,
                      "The directory of the sessions; /dev/shm/metlog-<uid> when absent");
  CLI::Option* const to =
      recover->add_option("--to", options.to, "The destination of all, in the place of their own")
          ->type_name("URL");
  CLI::Option* const out =
      recover->add_option("--out", options.out, "A file for all, in the place of destinations")
          ->type_name("FILE")
          ->excludes(to);
  recover->add_flag("--purge", options.purges, "Throw away what is left, and say how much")
      ->excludes(to)
      ->excludes(out);
  recover
      ->add_option("--max-bytes", options.max_bytes,
                   "Of what stays undelivered, throw away the oldest until it takes at most this "
                   "much memory, such as 64MiB; how many messages that were is reported in their "
                   "streams")
      ->type_name("BYTES")
      ->transform(CLI::AsSizeValue(false).description(""));
  recover->add_flag("--follow", options.follows, "Go on: look again every second");
  add_wait(*recover, options.wait_s);
  return recover;
}

}  // namespace metlog
