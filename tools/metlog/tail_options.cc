#include <CLI/CLI.hpp>

#include "tools/console/option_checks.h"
#include "tools/metlog/tail.h"

namespace metlog {
namespace {

constexpr const char* kExamples = R"(
Examples:
  metlog tail
      follows ./metlog.jsonl, the file that metlogd writes by default
  metlog tail /var/log/shop.jsonl --min-severity warning --logger shop -n 100
      warnings and worse among the last 100 messages, and those that are added
  metlog tail tcp://127.0.0.1:5565
      listens there itself, instead of a metlogd: not both on one port
  metlog tail --match "Type == 'timer' && Fields[name] =~ /^db\./"
      timers of the database
  ./shop | metlog tail -
      what a program writes to its standard output
  metlog tail shop.jsonl --no-follow -n 1000000 --type order --json | jq .fields
      from a file to another program, without following it

A file is followed like with tail -F: also when it is rotated, truncated, or
created later. It has a message on each line, or indented over several lines as
the FileSender and StdOutSender of a configuration write it. What is no message
is counted and left out. Ctrl-C ends it. Exit codes: 0 ended as asked, 1 the output
could not be written, 2 wrong usage.)";

void add_filters(CLI::App& tail, TailOptions& options) {
  tail.add_option("--type", options.match.types, "Only messages of this type; repeatable")
      ->type_name("TYPE")
      ->allow_extra_args(false);
  tail.add_option("--logger", options.match.loggers, "Only messages of this logger; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false);
  add_severity(tail, "--min-severity", "Only messages at least as severe: 0 to 7, or a name",
               [&options](int severity) { options.match.min_severity = severity; });
  tail.add_option_function<std::string>(
          "--match", [&options](const std::string& text) { options.expression = text; },
          "Only messages that match an expression: see metlog match --help")
      ->type_name("EXPR");
}

}  // namespace

CLI::App* add_tail(CLI::App& app, TailOptions& options) {
  CLI::App* const tail = app.add_subcommand("tail", "Show messages as they come, one per line");
  tail->footer(kExamples);
  tail->add_option("URL", options.from,
                   "A file of JSON messages (a path or file:///PATH), - for the standard input, or "
                   "where to listen: "
                   "udp://HOST:PORT, tcp://HOST:PORT (ZMQ), ipc://PATH")
      ->type_name("")
      ->capture_default_str();
  add_filters(*tail, options);
  tail->add_option("-n", options.past_lines, "Messages at the end of the file to show first")
      ->type_name("N")
      ->capture_default_str();
  tail->add_flag_callback(
      "--no-follow", [&options] { options.follows = false; }, "End where the file ends");
  tail->add_flag("--json", options.json, "Print each message as JSON, unchanged");
  add_colour(*tail, options.colour,
             "Colours by severity; auto: on a terminal, unless NO_COLOR is set");
  tail->add_flag(
      "--allow-remote", options.allow_remote,
      "Listen at an address that other machines can reach. Senders are not authenticated");
  return tail;
}

}  // namespace metlog
