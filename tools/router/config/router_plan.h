#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tools/router/config/config_errors.h"
#include "tools/router/config/config_value.h"
#include "tools/router/config/input_types.h"
#include "tools/router/config/output_types.h"
#include "tools/router/match/tag_rules.h"
#include "tools/router/output/output.h"

namespace metlog {

/// What a configuration asks for, wholly checked; nothing is open.
struct RouterPlan {
  /// [metlogd], what holds for the whole process.
  struct Process {
    std::size_t max_message_bytes = 256 * 1024;
    std::size_t max_frame_bytes = 256 * 1024;
    std::size_t max_depth = 64;
    bool repair_timestamps = false;
    std::size_t queue_bytes = 16 * 1024 * 1024;  // of an output that sets none
    bool allow_remote = false;
    bool quiet = false;
    std::string http;  // HOST:PORT of the status server; empty for none
    std::chrono::nanoseconds interval = std::chrono::seconds(1);
    std::chrono::nanoseconds exit_after_idle{0};  // never when 0
    std::int64_t count = 0;                       // no limit when 0
    std::chrono::nanoseconds stats_interval{0};   // of the router's own messages; none when 0
    DeadLetterFile::Options refused_input = {};   // what no input takes
    /// For what outputs have not sent when the router ends, or when a reload removes them.
    std::chrono::nanoseconds close_limit = std::chrono::seconds(5);
    std::string recover;  // a directory of sessions, or none; empty for the default one
    std::string ready_file;
    std::string ledger_json;
    std::string pid_file;
  };
  /// [input.NAME]
  struct InputPlan {
    std::string name;
    ConfigPlace place;
    std::string identity;  // equal for inputs that are configured alike
    OpenInputs open;
    std::vector<std::string> tags = {};  // not part of the identity: they may change while it runs
  };
  /// [output.NAME]
  struct OutputPlan {
    std::string name;
    ConfigPlace place;
    std::string identity;
    Output::Options options;
    MakeEncoder make_encoder;
    OpenSender open;
  };

  Process process;
  /// Of what only a restart changes: [metlogd] without its presets for outputs.
  std::string process_identity;
  ConfigPlace process_place;
  std::vector<InputPlan> inputs;
  std::vector<OutputPlan> outputs;
  std::shared_ptr<const TagRules> tag_rules = nullptr;  // of [filter.NAME]; null for none
};

// Bounds that the command line has, too.
inline constexpr std::size_t kMinMessage = 64;
inline constexpr std::size_t kMaxMessage = 16 * 1024 * 1024;
inline constexpr std::size_t kMinDepth = 2;
inline constexpr std::size_t kMaxDepth = 1024;
inline constexpr std::size_t kMinFrame = 64 * 1024;
inline constexpr std::size_t kMaxFrame = 64 * 1024 * 1024;
inline constexpr std::size_t kMinQueue = 1024 * 1024;
inline constexpr std::size_t kMaxQueue = 1024 * 1024 * 1024;

/// Reads a whole configuration, [metlogd], [input.NAME], [filter.NAME] and [output.NAME], and
/// checks all of it. Touches neither disk nor network. The plan may be used only when `errors` is
/// empty.
RouterPlan read_plan(const ConfigValue& config, ConfigErrors& errors);

/// Reads `dead_letter_file` and `dead_letter_bytes`.
DeadLetterFile::Options read_dead_letters(Settings& settings);

/// Reads the settings of an output that do not depend on its type: `message_matcher`, `on_full`,
/// `queue`, ...
Output::Options read_output_options(Settings& settings, const RouterPlan::Process& process);

}  // namespace metlog
