#include "tools/metlogd/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "tools/console/option_checks.h"
#include "tools/console/report.h"
#include "tools/router/config/router_plan.h"

namespace metlog {
namespace {

constexpr const char* kExamples = R"(
Examples:
  metlogd
      listen on port 5565 of this machine, answer handshakes on 5566, and
      write ./metlog.jsonl
  metlogd --out /var/log/shop.jsonl --statsd udp://127.0.0.1:8125
      write another file; send counters and timers to statsd as well
  metlogd --out all.jsonl --out errors.jsonl --match TRUE --match "Severity <= 3"
      everything to one file, errors to another
  metlogd --zmq none --udp 127.0.0.1:0 --ready-file ready
      UDP only, on a port that the kernel chooses; the file `ready` names it
  metlogd --config /etc/metlogd.toml --pid-file /run/metlogd.pid
      what the file says (docs/router.md); `metlog reload --pid-file` takes a new one
  metlogd --check /etc/metlogd.toml
      say what is wrong with the file, and open nothing
  metlogd --recover none
      leave to programs and to `metlog recover` what programs that died have left
  metlogd --count 1000 --quiet --ledger-json ledger.json
      end after 1000 messages and write the ledger to a file

Try it, from another terminal:
  metlog send --to udp://127.0.0.1:5565 --type hello --payload world

Ctrl-C and SIGTERM end it: it receives what is on its way, writes it, and
shows the ledger, within the time of --close-limit. SIGUSR1 shows the ledger on
stderr, and metlogd continues. SIGHUP reads the configuration of --config again,
and opens files again by their paths, for logrotate; without it a file that was
moved is followed within a second. Exit codes: 0 ended as asked, 1 messages were lost, or
the ledger does not add up or could not be written, 2 wrong usage or
configuration.)";

constexpr const char* kNone = "none";
constexpr double kMaxSeconds = 1e6;

void add_inputs_and_outputs(CLI::App& app, Options& options) {
  app.add_option("--zmq", options.zmq,
                 "Bind a ZMQ subscriber: tcp://HOST:PORT, ipc://PATH or none; repeatable")
      ->type_name("ENDPOINT")
      ->allow_extra_args(false)
      ->capture_default_str();
  app.add_option("--udp", options.udp, "Bind a UDP socket: HOST:PORT or none; repeatable")
      ->type_name("HOST:PORT")
      ->allow_extra_args(false)
      ->capture_default_str();
  app.add_option("--handshake", options.handshake,
                 "Answer ZMQ senders that ask for a router: tcp://HOST:PORT, ipc://PATH or none; "
                 "repeatable. Default with --zmq: none")
      ->type_name("ENDPOINT")
      ->allow_extra_args(false)
      ->capture_default_str();
  app.add_flag("--allow-remote", options.allow_remote,
               "Allow addresses that other machines can reach. Peers are not authenticated");
  app.add_option("--out", options.out,
                 "Write JSON lines to a file, a URL (file:, udp:, tcp:, ipc:, stdout:, null:) or "
                 "none; repeatable")
      ->type_name("FILE-OR-URL")
      ->allow_extra_args(false)
      ->capture_default_str();
  app.add_option("--out-block", options.out_block,
                 "As --out, for what must not lose: while it has no room, the inputs are held. "
                 "That holds up the other outputs, too; repeatable")
      ->type_name("FILE-OR-URL")
      ->allow_extra_args(false);
  app.add_option("--match", options.match,
                 "What messages must match to be written (metlog match --help): once for all "
                 "--out and --out-block, or once for each, --out first, in their order; TRUE is "
                 "all messages")
      ->type_name("EXPR")
      ->allow_extra_args(false);
  app.add_option("--statsd", options.statsd,
                 "Send counters and timers to statsd, such as udp://127.0.0.1:8125")
      ->type_name("URL");
}

void add_limits(CLI::App& app, Options& options) {
  app.add_option("--max-message", options.max_message_bytes,
                 "Reject longer messages; 64 to 16MiB, such as 262144 or 256KiB")
      ->type_name("BYTES")
      ->transform(CLI::AsSizeValue(false).description(""))
      ->check(between(kMinMessage, kMaxMessage))
      ->capture_default_str();
  app.add_option("--max-frame", options.max_frame_bytes,
                 "Reject longer batched frames; 64KiB to 64MiB. A frame of one message of "
                 "--max-message is always accepted")
      ->type_name("BYTES")
      ->transform(CLI::AsSizeValue(false).description(""))
      ->check(between(kMinFrame, kMaxFrame))
      ->capture_default_str();
  app.add_option("--queue", options.queue_bytes,
                 "Received messages that may wait for one output; 1MiB to 1GiB. More are lost, or "
                 "held with --out-block. Outputs share what waits for several of them")
      ->type_name("BYTES")
      ->transform(CLI::AsSizeValue(false).description(""))
      ->check(between(kMinQueue, kMaxQueue))
      ->capture_default_str();
  app.add_option("--max-depth", options.max_depth, "Reject messages nested more deeply; 2 to 1024")
      ->type_name("N")
      ->check(between(kMinDepth, kMaxDepth))
      ->capture_default_str();
  app.add_flag("--repair-timestamps", options.repair_timestamps,
               "Replace time stamps that are none, instead of rejecting the message: by the time "
               "that a number means, or by the time of arrival");
}

void add_configuration(CLI::App& app, Options& options) {
  app.add_option("--config", options.config,
                 "Read this TOML file, or all *.toml of a directory. Options that are given win "
                 "over its [metlogd], and their inputs and outputs are added to its own")
      ->type_name("FILE|DIR");
  app.add_option_function<std::string>(
         "--check",
         [&options](const std::string& file) {
           options.config = file;
           options.only_check = true;
         },
         "Check this configuration and all other options, say everything that is wrong, each with "
         "its file, line and column, and end. Opens nothing")
      ->type_name("FILE|DIR");
  app.add_option("--pid-file", options.pid_file,
                 "Write the number of the process here while it runs; for metlog reload")
      ->type_name("FILE");
}

void add_running(CLI::App& app, Options& options) {
  app.add_option("--interval", options.interval_s, "Seconds between two updates of the live table")
      ->type_name("SECONDS")
      ->check(between(0.1, kMaxSeconds))
      ->capture_default_str();
  app.add_option("--http", options.http,
                 "Show health, metrics, status and a page on this address of this machine; port 0 "
                 "lets the kernel choose")
      ->type_name("HOST:PORT");
  app.add_flag("--quiet", options.quiet, "No live table; the ledger is shown at the end");
  app.add_option("--count", options.count,
                 "End after receiving this many messages; a batched frame is taken whole")
      ->type_name("N")
      ->check(between(std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max()));
  app.add_option("--exit-after-idle", options.exit_after_idle_s,
                 "End when nothing was received for this time; it starts at once")
      ->type_name("SECONDS")
      ->check(between(0.001, kMaxSeconds));
  app.add_option("--close-limit", options.close_limit_s,
                 "At the end, the time to receive what is on its way and to write all; what an "
                 "output has not sent then is lost as expired. 0.1 to 3600")
      ->type_name("SECONDS")
      ->check(between(0.1, 3600.0))
      ->capture_default_str();
  app.add_option("--recover", options.recover,
                 "Deliver what programs that died have left in this directory of sessions, to "
                 "their own destinations, or none; /dev/shm/metlog-<uid> when absent, none with "
                 "METLOG_RECOVER=none")
      ->type_name("DIR");
  app.add_option("--ready-file", options.ready_file,
                 "Write the bound endpoints here, each on a line, once all are bound")
      ->type_name("FILE");
  app.add_option("--ledger-json", options.ledger_json,
                 "Write the ledger here at the end, as one JSON object")
      ->type_name("FILE");
}

}  // namespace

std::optional<int> parse_options(int argc, const char* const* argv, Options& options) {
  CLI::App app("metlogd receives messages over ZMQ and UDP, forwards them, and accounts for each.",
               "metlogd");
  app.footer(kExamples);
  app.set_version_flag("--version", "metlogd " METLOG_VERSION);
  add_configuration(app, options);
  add_inputs_and_outputs(app, options);
  add_limits(app, options);
  add_running(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return end_of_parsing(app, error, "metlogd");
  }
  // Several routers on one machine have different ports; none should fail because of a default port
  // that the user did not ask for.
  if (app.count("--recover") == 0) {
    const char* const recover = std::getenv("METLOG_RECOVER");
    if (recover != nullptr && std::string_view(recover) == kNone) options.recover = kNone;
  }
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() > 0) options.given.insert(option->get_name());
  }
  if (app.count("--out-block") > 0 && app.count("--out") == 0) options.out.clear();
  if (app.count("--zmq") > 0 && app.count("--handshake") == 0) options.handshake = {kNone};
  return std::nullopt;
}

}  // namespace metlog
