#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace metlog {

/// The command line of metlogd, with its defaults.
struct Options {
  std::string config;           // a file or a directory; none when empty
  bool only_check = false;      // the configuration
  std::set<std::string> given;  // names of options: with a configuration, the others say nothing
  std::vector<std::string> zmq = {"tcp://127.0.0.1:5565"};
  std::vector<std::string> udp = {"127.0.0.1:5565"};
  std::vector<std::string> handshake = {"tcp://127.0.0.1:5566"};
  std::vector<std::string> out = {"metlog.jsonl"};
  std::vector<std::string> out_block;
  std::vector<std::string> match;  // one for all outputs, or one for each: `out`, then `out_block`
  std::string statsd;              // none when empty
  std::size_t queue_bytes = 16 * 1024 * 1024;
  std::size_t max_message_bytes = 256 * 1024;
  std::size_t max_frame_bytes = 256 * 1024;
  std::size_t max_depth = 64;
  bool repair_timestamps = false;
  double interval_s = 1;
  double exit_after_idle_s = 0;  // never when 0
  std::uint64_t count = 0;       // no limit when 0
  double close_limit_s = 5;
  bool allow_remote = false;
  bool quiet = false;
  std::string recover;  // a directory of sessions, or none; empty for the default one
  std::string ready_file;
  std::string http;  // none when empty
  std::string pid_file;
  std::string ledger_json;
};

/// Reads the command line. Returns an exit code when there is nothing to run: kExitDone after
/// --help, kExitUsage after a mistake, which it has explained on stderr.
std::optional<int> parse_options(int argc, const char* const* argv, Options& options);

}  // namespace metlog
