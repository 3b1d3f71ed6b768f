#include "tools/metlogd/configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metlog/internal/base/url.h"
#include "tools/router/config/toml_file.h"
#include "tools/router/match/message_matcher.h"

namespace metlog {
namespace {

constexpr std::string_view kNone = "none";

/// The place of what an option says; no file has it.
ConfigPlace place_of(std::string option) {
  // After all files.
  constexpr std::uint32_t kLast = std::numeric_limits<std::uint32_t>::max();
  return {std::make_shared<const ConfigSource>(ConfigSource{std::move(option), "", kLast}), 0, 0};
}

/// The table of this name, made when it is missing.
ConfigValue& table_of(ConfigValue& root, std::string_view name) {
  ConfigValue* const found = root.find(name);
  return found != nullptr ? *found : root.add(std::string(name), ConfigValue::table({}));
}

std::size_t count_given(const std::vector<std::string>& values) {
  return values.size() - static_cast<std::size_t>(std::count(values.begin(), values.end(), kNone));
}

/// The path template of this very path.
std::string literal_path(std::string_view path) {
  std::string text;
  for (const char c : path) text.append(c == '%' ? 2 : 1, c);
  return text;
}

/// Adds what the command line says to a configuration.
class CommandLine {
 public:
  CommandLine(const Options& options, ConfigValue& root, ConfigErrors& errors)
      : options_(options), root_(root), errors_(errors) {}

  void add_process() {
    set_bytes("--max-message", "max_message", options_.max_message_bytes);
    set_bytes("--max-frame", "max_frame", options_.max_frame_bytes);
    set_bytes("--queue", "queue", options_.queue_bytes);
    set_integer("--max-depth", "max_depth", options_.max_depth);
    set_flag("--repair-timestamps", "repair_timestamps", options_.repair_timestamps);
    set_integer("--count", "count", options_.count);
    set_flag("--allow-remote", "allow_remote", options_.allow_remote);
    set_flag("--quiet", "quiet", options_.quiet);
    set_text("--http", "http", options_.http);
    set_seconds("--interval", "interval", options_.interval_s);
    set_seconds("--exit-after-idle", "exit_after_idle", options_.exit_after_idle_s);
    set_seconds("--close-limit", "close_limit", options_.close_limit_s);
    const ConfigValue* const process = root_.find("metlogd");
    const bool is_set = process != nullptr && process->find("recover") != nullptr;
    // From the environment, unless the option is given.
    if (!options_.recover.empty() && !is_set) {
      table_of(root_, "metlogd")
          .add("recover", ConfigValue::of_text(options_.recover, place_of("METLOG_RECOVER")));
    }
    set_text("--recover", "recover", options_.recover);
    set_text("--ready-file", "ready_file", options_.ready_file);
    set_text("--ledger-json", "ledger_json", options_.ledger_json);
    set_text("--pid-file", "pid_file", options_.pid_file);
  }

  void add_inputs(bool with_presets) {
    const bool names_one = says("--zmq") || says("--udp");
    const bool presets = with_presets && (!has_file() || !names_one);
    add_inputs_of("--zmq", "zmq", options_.zmq, presets);
    add_inputs_of("--udp", "udp", options_.udp, presets);
    add_inputs_of("--handshake", "handshake", options_.handshake, presets);
  }

  void add_outputs(bool with_presets) {
    const bool names_one = says("--out") || says("--out-block") || says("--statsd");
    outputs_ = {says("--out") || (with_presets && (!has_file() || !names_one)), says("--out-block"),
                says("--statsd")};
    if (!check_match()) return;
    add_outputs_of("--out", options_.out, outputs_.out);
    add_outputs_of("--out-block", options_.out_block, outputs_.out_block);
    if (!outputs_.statsd || options_.statsd.empty()) return;
    ConfigValue& output = add_section("output", "--statsd", options_.statsd, "url");
    output.add("url", ConfigValue::of_text(options_.statsd, output.place));
    output.add("encoder", ConfigValue::of_text("statsd", output.place));
  }

 private:
  [[nodiscard]] bool has_file() const { return !options_.config.empty(); }
  /// True when an option counts: without a file its preset does as well.
  [[nodiscard]] bool says(const std::string& option) const {
    return !has_file() || options_.given.count(option) != 0;
  }

  void set(const std::string& option, std::string_view key, ConfigValue value) {
    if (!says(option)) return;
    ConfigValue& process = table_of(root_, "metlogd");
    std::erase_if(process.members, [key](const ConfigMember& member) { return member.key == key; });
    value.place = place_of(option);
    process.add(std::string(key), std::move(value));
  }
  void set_integer(const std::string& option, std::string_view key, std::uint64_t number) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
    set(option, key,
        ConfigValue::of_integer(static_cast<std::int64_t>(std::min(number, kMax)), {}));
  }
  void set_bytes(const std::string& option, std::string_view key, std::size_t bytes) {
    set_integer(option, key, bytes);
  }
  void set_flag(const std::string& option, std::string_view key, bool flag) {
    set(option, key, ConfigValue::of_flag(flag, {}));
  }
  void set_text(const std::string& option, std::string_view key, const std::string& text) {
    if (!text.empty()) set(option, key, ConfigValue::of_text(text, {}));
  }
  void set_seconds(const std::string& option, std::string_view key, double seconds) {
    set(option, key, ConfigValue::of_text(fmt::format("{:f}s", seconds), {}));
  }

  /// Adds [input.NAME] or [output.NAME] for a value of an option.
  ConfigValue& add_section(std::string_view kind, std::string_view option, std::string_view value,
                           std::string_view type) {
    ConfigValue& sections = table_of(root_, kind);
    std::string name(option);
    for (int i = 2; sections.find(name) != nullptr; ++i) name = fmt::format("{} {}", option, i);
    ConfigValue& section = sections.add(
        name, ConfigValue::table(place_of(value.empty() ? std::string(option)
                                                        : fmt::format("{} {}", option, value))));
    section.add("type", ConfigValue::of_text(std::string(type), section.place));
    return section;
  }

  void add_inputs_of(const std::string& option, std::string_view type,
                     const std::vector<std::string>& addresses, bool with_presets) {
    if (!with_presets && !says(option)) return;
    for (const std::string& address : addresses) {
      if (address == kNone) continue;
      // The messages about an address name it.
      ConfigValue& section = add_section("input", option, "", type);
      section.add("address", ConfigValue::of_text(address, section.place));
    }
  }

  /// One expression for all outputs, or one for each.
  bool check_match() {
    const std::size_t outputs = (outputs_.out ? options_.out.size() : 0) +
                                (outputs_.out_block ? options_.out_block.size() : 0);
    const std::size_t count = options_.match.size();
    if (count <= 1 || count == outputs) return check_expressions();
    errors_.add(place_of("--match"), "",
                fmt::format("there are {} of them, and {} outputs (--out, --out-block); give one "
                            "for all outputs, or one for each, with TRUE where all messages are "
                            "meant",
                            count, outputs));
    return false;
  }

  /// Each once, although many outputs may have one; and that of an output that is none.
  bool check_expressions() {
    for (const std::string& text : options_.match) {
      const absl::Status status = MessageMatcher::compile(text).status();
      if (status.ok()) continue;
      errors_.add(place_of("--match"), "", std::string(status.message()));
      return false;
    }
    return true;
  }

  void add_outputs_of(const std::string& option, const std::vector<std::string>& values,
                      bool is_wanted) {
    if (!is_wanted) return;
    for (const std::string& value : values) {
      const std::size_t place = next_expression_++;
      if (value == kNone) continue;
      const bool is_url = has_scheme(value);
      ConfigValue& output = add_section("output", option, value, is_url ? "url" : "file");
      output.add(is_url ? "url" : "path",
                 ConfigValue::of_text(is_url ? value : literal_path(value), output.place));
      if (!options_.match.empty()) {
        const std::string& text = options_.match[options_.match.size() == 1 ? 0 : place];
        output.add("message_matcher", ConfigValue::of_text(text, place_of("--match")));
      }
      if (option == "--out-block" || waits_as_the_only_one(value)) {
        output.add("on_full", ConfigValue::of_text("block", output.place));
      }
      if (option != "--out-block" && waits_as_the_only_one(value)) {
        output.add("block_limit", ConfigValue::of_text("30s", output.place));
      }
    }
  }

  /// Holding the inputs starves the other outputs. A local one that has no others may hold them.
  [[nodiscard]] bool waits_as_the_only_one(const std::string& value) const {
    const std::size_t count = count_given(options_.out) + count_given(options_.out_block) +
                              (options_.statsd.empty() ? 0 : 1);
    const bool is_local =
        !has_scheme(value) || value.starts_with("file:") || value.starts_with("stdout:");
    return !has_file() && count == 1 && is_local;
  }

  struct Outputs {
    bool out;
    bool out_block;
    bool statsd;
  };

  const Options& options_;
  ConfigValue& root_;
  ConfigErrors& errors_;
  Outputs outputs_{};
  std::size_t next_expression_ = 0;
};

bool has_sections(const ConfigValue& root, std::string_view kind) {
  const ConfigValue* const sections = root.find(kind);
  return sections != nullptr &&
         !(sections->kind == ConfigValue::Kind::kTable && sections->members.empty());
}

}  // namespace

ConfigValue read_configuration(const Options& options, ConfigErrors& errors) {
  ConfigValue root =
      options.config.empty() ? ConfigValue::table({}) : read_toml(options.config, errors);
  const bool needs_inputs = !has_sections(root, "input");
  const bool needs_outputs = !has_sections(root, "output");
  CommandLine command_line(options, root, errors);
  command_line.add_process();
  command_line.add_inputs(needs_inputs);
  command_line.add_outputs(needs_outputs);
  return root;
}

}  // namespace metlog
