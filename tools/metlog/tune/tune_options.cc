#include "tools/metlog/tune/tune.h"

#include <CLI/CLI.hpp>
#include <charconv>

#include "tools/console/option_checks.h"

namespace metlog {
namespace {

constexpr const char* kExamples = R"(
Examples:
  metlog tune
      a minute's search for a process that logs to a file: a table, what to paste
      as C++, INI and JSON, and metlog-tune.html
  metlog tune --transports tcp,tcp-batched --threads 4 --goal throughput --budget 3m
      whether and how to batch over ZMQ, for four threads that log a lot
  metlog tune --transport udp --rate 50000 --goal latency
      what 50,000 messages per second over UDP need and lose
  metlog tune --quick --budget 5s --json --no-report
      a first estimate, for a program to read

The axes are swept one after the other: idle strategy, sleeps of the flusher,
batch size, ring size, connections; with --transports that first. Then the load (threads,
message size) is varied with the chosen values, and the choice is compared with
the defaults in turn. New processes measure each value, against a receiver that
counts. Rows that lost messages, found no reader or a full disk say so and never
win. Nor does one beside which busy workers keep over a point less of their work
than beside the best: the host's bill comes before the nanoseconds of a call.

The transports: null, file, tcp, tcp-batched, ipc, ipc-batched, udp,
udp-batched, udp-segmented. null is the floor, and wins only if it is alone.

Ctrl-C ends the search, prints the table and writes the report of what was
measured; a second one ends at once. Exit codes: 0 done, 1 nothing could be measured or
written, 2 wrong usage, 130 ended by Ctrl-C (SIGINT or SIGTERM).)";

constexpr double kMinBudgetS = 1;
constexpr double kMaxBudgetS = 24 * 3600.0;
constexpr std::size_t kMaxThreads = 64;
constexpr std::size_t kMaxTextBytes = 16 * 1024;
constexpr std::uint64_t kMaxRate = 1'000'000'000;

[[noreturn]] void refuse_value(const std::string& option, const std::string& text,
                               const std::string& what) {
  throw CLI::ValidationError(option, "\"" + text + "\" " + what);
}

Transport transport_of(const std::string& option, const std::string& name) {
  const std::optional<Transport> transport = parse_transport(name);
  if (transport.has_value()) return *transport;
  const std::string remedy = name.find(',') == std::string::npos
                                 ? "is not a transport; write one of " + transport_names()
                                 : "are several; write --transports to have one chosen";
  refuse_value(option, name, remedy);
}

void add_transport(CLI::App& tune, TuneOptions& options) {
  CLI::Option* const one =
      tune.add_option_function<std::string>(
              "--transport",
              [&options](const std::string& name) {
                options.transports = {transport_of("--transport", name)};
              },
              "How messages leave the process: a requirement, not a choice; file when absent")
          ->type_name("NAME");
  tune.add_option_function<std::vector<std::string>>(
          "--transports",
          [&options](const std::vector<std::string>& names) {
            options.transports.clear();
            if (names == std::vector<std::string>{"all"}) options.transports = all_transports();
            if (!options.transports.empty()) return;
            for (const std::string& name : names) {
              options.transports.push_back(transport_of("--transports", name));
            }
          },
          "Choose one of these, too: names separated by commas, or all")
      ->type_name("NAME,...|all")
      ->delimiter(',')
      ->excludes(one);
}

void add_load(CLI::App& tune, TuneOptions& options) {
  tune.add_option("--threads", options.threads, "Threads that call; 1 to 64")
      ->type_name("N")
      ->check(between(std::size_t{1}, kMaxThreads))
      ->capture_default_str();
  tune.add_option("--size", options.size, "Bytes of the text in each message; 0 to 16384")
      ->type_name("BYTES")
      ->check(between(std::size_t{0}, kMaxTextBytes))
      ->capture_default_str();
  tune.add_option("--rate", options.rate,
                  "Messages per second of all threads together; a full ring then loses messages. "
                  "As fast as possible when absent")
      ->type_name("N")
      ->check(between(std::uint64_t{1}, kMaxRate));
  tune.add_option("--file", options.file,
                  "Where the file transport writes: a new file on the disk in question, which is "
                  "removed afterwards, or a device. A temporary file when absent")
      ->type_name("PATH");
}

void add_output(CLI::App& tune, TuneOptions& options) {
  CLI::Option* const report =
      tune.add_option("--report", options.report, "Where the HTML report goes")
          ->type_name("FILE")
          ->capture_default_str();
  tune.add_flag("--no-report", options.no_report, "No HTML report")->excludes(report);
  tune.add_flag("--quiet", options.quiet, "No progress while it runs");
  tune.add_flag("--json", options.json, "Print everything as one JSON object");
}

}  // namespace

double parse_seconds(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc()) return -1;
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  if (unit.empty() || unit == "s") return value;
  if (unit == "ms") return value / 1000;
  if (unit == "m" || unit == "min") return value * 60;
  return unit == "h" ? value * 3600 : -1;
}

CLI::App* add_tune(CLI::App& app, TuneOptions& options) {
  CLI::App* const tune = app.add_subcommand("tune", "Find the settings that suit this machine");
  tune->footer(kExamples);
  tune->add_option_function<std::string>(
          "--budget",
          [&options](const std::string& text) {
            options.budget_s = parse_seconds(text);
            if (!(options.budget_s >= kMinBudgetS && options.budget_s <= kMaxBudgetS)) {
              refuse_value("--budget", text, "is not a time from 1s to 24h; write 90s or 3m");
            }
          },
          "The time it may take: 90s, 3m; 60s when absent")
      ->type_name("TIME");
  tune->add_flag("--quick", options.quick, "Fewer values of each axis");
  tune->add_option_function<std::string>(
          "--goal",
          [&options](const std::string& name) {
            const std::optional<Goal> goal = parse_goal(name);
            if (!goal.has_value()) {
              refuse_value("--goal", name,
                           "is not a goal; write latency, throughput, memory or balanced");
            }
            options.goal = *goal;
          },
          "What to optimize for; balanced when absent")
      ->type_name("latency|throughput|memory|balanced");
  add_transport(*tune, options);
  add_load(*tune, options);
  add_output(*tune, options);
  return tune;
}

}  // namespace metlog
