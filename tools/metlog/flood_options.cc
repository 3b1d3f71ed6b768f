#include <CLI/CLI.hpp>
#include <limits>
#include <map>

#include "tools/console/option_checks.h"
#include "tools/metlog/flood.h"

namespace metlog {
namespace {

constexpr const char* kExamples = R"(
Examples:
  metlog flood --to tcp://127.0.0.1:5565 --threads 4 --count 10000000
      ten million messages as fast as a metlogd accepts them
  metlog flood --to udp://127.0.0.1:5565 --rate 50000 --seconds 10 --size 200
      50,000 messages per second for ten seconds, with payloads of 200 bytes
  metlog flood --to tcp://127.0.0.1:5565 --policy drop --seconds 5 --json
      never waits, counts what it had to drop, and reports it as a JSON object

Policies for a full ring of a thread: block waits, drop loses the message and
counts it, grow allocates more memory first.

Messages are of type MBTEST with the payload MBTEST, padded to --size. Without
--seconds and --count it runs until Ctrl-C; it always ends with the summary.
Exit codes: 0 every message is accounted for (lost ones too), 1 some are not,
2 wrong usage.)";

constexpr std::size_t kMaxThreads = 256;
constexpr std::size_t kMinBytes = 6;
constexpr std::size_t kMaxBytes = 1024 * 1024;
constexpr std::uint64_t kMaxRate = 1'000'000'000;
constexpr double kMaxSeconds = 1e6;

}  // namespace

CLI::App* add_flood(CLI::App& app, FloodOptions& options) {
  CLI::App* const flood = app.add_subcommand("flood", "Load a destination, and account for it");
  flood->footer(kExamples);
  add_destination(*flood, options.to);
  flood
      ->add_option("--rate", options.rate,
                   "Messages per second of all threads together; as fast as possible when absent")
      ->type_name("N")
      ->check(between(std::uint64_t{1}, kMaxRate));
  flood->add_option("--threads", options.threads, "Threads that send; 1 to 256")
      ->type_name("N")
      ->check(between(std::size_t{1}, kMaxThreads))
      ->capture_default_str();
  flood->add_option("--size", options.size, "Bytes of the payload; 6 to 1048576")
      ->type_name("BYTES")
      ->check(between(kMinBytes, kMaxBytes))
      ->capture_default_str();
  flood->add_option("--seconds", options.seconds, "End after this time")
      ->type_name("SECONDS")
      ->check(between(0.001, kMaxSeconds));
  flood
      ->add_option("--count", options.count, "End after this many messages of all threads together")
      ->type_name("N")
      ->check(between(std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max()));
  const std::map<std::string, WhenFull> policies = {
      {"block", WhenFull::kBlock}, {"drop", WhenFull::kDrop}, {"grow", WhenFull::kGrow}};
  flood
      ->add_option_function<std::string>(
          "--policy",
          [&options, policies](const std::string& name) {
            const auto found = policies.find(name);
            if (found == policies.end()) {
              throw CLI::ValidationError(
                  "--policy", "\"" + name + "\" is not a policy; write block, drop or grow");
            }
            options.policy = found->second;
          },
          "What a call does when its ring is full; block when absent")
      ->type_name("block|drop|grow");
  add_wait(*flood, options.wait_s);
  flood->add_flag("--quiet", options.quiet, "No progress while it runs");
  flood->add_flag("--json", options.json, "Print the summary as one JSON object");
  return flood;
}

}  // namespace metlog
