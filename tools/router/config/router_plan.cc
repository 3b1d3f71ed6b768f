#include "tools/router/config/router_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "metlog/internal/text/quantity.h"
#include "tools/router/config/tag_filters.h"
#include "tools/router/input/address.h"
#include "tools/router/input/frame.h"

namespace metlog {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr nanoseconds kLongest = hours(24 * 365);

template <class Row>
std::vector<std::string_view> names_of(const std::vector<Row>& rows) {
  std::vector<std::string_view> names;
  names.reserve(rows.size());
  for (const Row& row : rows) names.push_back(row.name);
  return names;
}

/// The row of a table that the `type` of a section names; null when there is none, which is
/// reported. `name`, of the section, is the type where none is written.
template <class Row>
const Row* type_of(Settings& settings, std::string_view name, const std::vector<Row>& rows) {
  const bool is_written = settings.has("type");
  const std::string type = is_written ? settings.text("type") : std::string(name);
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&type](const Row& row) { return row.name == type; });
  if (found != rows.end()) return &*found;
  const std::vector<std::string_view> names = names_of(rows);
  const std::string known = fmt::format("{}", fmt::join(names, ", "));
  settings.leave_unchecked();
  if (is_written) {
    settings.refuse("type", fmt::format("is none of {}{}", known, did_you_mean(type, names)));
  } else {
    settings.miss("type", fmt::format("one of {}, in quotes", known));
  }
  return nullptr;
}

/// Where the status server listens; empty for none.
std::string read_http_address(Settings& settings, bool allow_remote) {
  std::string address = settings.text("http");
  if (address.empty()) return address;
  const Reach reach = allow_remote ? Reach::kAnywhere : Reach::kLoopbackOnly;
  const absl::Status status = check_tcp_address(address, reach);
  if (!status.ok()) settings.refuse_at("http", 0, std::string(status.message()));
  return address;
}

RouterPlan::Process read_process(Settings& settings) {
  RouterPlan::Process process;
  process.max_message_bytes =
      settings.bytes("max_message", {kMinMessage, kMaxMessage, process.max_message_bytes});
  process.max_frame_bytes =
      settings.bytes("max_frame", {kMinFrame, kMaxFrame, process.max_frame_bytes});
  process.max_depth = static_cast<std::size_t>(
      settings.integer("max_depth", {.min = kMinDepth,
                                     .max = kMaxDepth,
                                     .preset = static_cast<std::int64_t>(process.max_depth)}));
  process.repair_timestamps = settings.flag("repair_timestamps", false);
  process.queue_bytes = settings.bytes("queue", {kMinQueue, kMaxQueue, process.queue_bytes});
  process.allow_remote = settings.flag("allow_remote", false);
  process.quiet = settings.flag("quiet", false);
  process.http = read_http_address(settings, process.allow_remote);
  process.interval = settings.duration("interval", {milliseconds(100), kLongest, process.interval});
  process.exit_after_idle =
      settings.duration("exit_after_idle", {seconds(0), kLongest, seconds(0)});
  process.count = settings.integer("count", {.min = 0});
  process.stats_interval = settings.duration("stats_interval", {seconds(0), kLongest, seconds(0)});
  if (process.stats_interval.count() != 0 && process.stats_interval < seconds(1)) {
    settings.refuse("stats_interval", "is too short; write \"1s\" or more");
  }
  if (process.stats_interval.count() != 0 && process.stats_interval <= process.exit_after_idle) {
    settings.refuse("stats_interval", "keeps exit_after_idle from its end; make it the longer one");
  }
  process.refused_input = read_dead_letters(settings);
  process.close_limit =
      settings.duration("close_limit", {milliseconds(100), hours(1), process.close_limit});
  process.recover = settings.text("recover");
  process.ready_file = settings.text("ready_file");
  process.ledger_json = settings.text("ledger_json");
  process.pid_file = settings.text("pid_file");
  return process;
}

/// The encoder of an output, by name or as a table with `type`; reports what is wrong with it.
MakeEncoder read_encoder(Settings& settings, const OutputType& output, Output::Options& options,
                         ConfigErrors& errors) {
  const ConfigValue none = ConfigValue::table(settings.place());
  Settings presets(settings.path() + ".encoder", none, errors);
  Settings* const table = settings.is_table("encoder") ? settings.table("encoder") : nullptr;
  const EncoderType* type = nullptr;
  if (table != nullptr) {
    type = type_of(*table, output.encoder, encoder_types());
  } else {
    const std::string name = settings.text("encoder", output.encoder);
    const std::vector<std::string_view> names = names_of(encoder_types());
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) {
      type = &encoder_types()[static_cast<std::size_t>(found - names.begin())];
    } else {
      settings.refuse("encoder", fmt::format("is none of {}{}", fmt::join(names, ", "),
                                             did_you_mean(name, names)));
    }
  }
  if (type == nullptr) return {};
  options.match.types = type->message_types;
  return type->read(table == nullptr ? presets : *table);
}

/// Reads configurations section by section.
class PlanReader {
 public:
  PlanReader(const ConfigValue& config, ConfigErrors& errors)
      : root_("", config, errors), errors_(errors) {}

  RouterPlan read() {
    if (Settings* const process = root_.table("metlogd")) {
      plan_.process = read_process(*process);
      plan_.process_place = process->place();
    }
    limits_ = {max_frame_bytes(plan_.process.max_message_bytes, plan_.process.max_frame_bytes),
               plan_.process.max_message_bytes,
               plan_.process.allow_remote ? Reach::kAnywhere : Reach::kLoopbackOnly};
    Settings* const inputs = root_.table("input");
    const std::size_t frames =
        inputs == nullptr ? 0 : each_section(*inputs, &PlanReader::add_input);
    if (frames == 0) {
      errors_.add(
          inputs == nullptr ? root_.place() : inputs->place(), "input",
          "nothing is left to listen on; write an [input.NAME] of type zmq, udp, tcp or unix");
    }
    if (Settings* const filters = root_.table("filter")) {
      each_section(*filters, &PlanReader::add_filter);
    }
    if (Settings* const outputs = root_.table("output")) {
      each_section(*outputs, &PlanReader::add_output);
    }
    if (plan_.outputs.size() > Output::kMaxOutputs) {
      const RouterPlan::OutputPlan& first_over = plan_.outputs[Output::kMaxOutputs];
      errors_.add(first_over.place, "output." + first_over.name,
                  fmt::format("there are {} outputs; {} are possible", plan_.outputs.size(),
                              Output::kMaxOutputs));
    }
    plan_.tag_rules = tags_.rules();
    root_.finish();
    return std::move(plan_);
  }

 private:
  /// Calls `add` for each section of a table; returns how many of them deliver frames.
  std::size_t each_section(Settings& sections,
                           bool (PlanReader::*add)(const std::string& name, Settings& section)) {
    std::size_t count = 0;
    for (const std::string& name : sections.keys()) {
      Settings* const section = sections.table(name);
      if (section != nullptr && (this->*add)(name, *section)) ++count;
    }
    return count;
  }

  bool add_input(const std::string& name, Settings& section) {
    const InputType* const type = type_of(section, name, input_types());
    if (type == nullptr) return true;  // is reported; what else is in it cannot be known
    RouterPlan::InputPlan input{name, section.place(),
                                section.identity("tags") + std::string(type->name),
                                type->read(section, limits_)};
    if (type->delivers_frames) input.tags = tags_.read_input(section);
    if (const RouterPlan::InputPlan* const same = input_like(input.identity, section)) {
      section.refuse("address", fmt::format("is that of input.{} already; give one of them another "
                                            "address, or remove it",
                                            same->name));
    }
    plan_.inputs.push_back(std::move(input));
    return type->delivers_frames;
  }

  /// An earlier input of the same type and address, whose port the kernel does not choose.
  const RouterPlan::InputPlan* input_like(const std::string& identity, Settings& section) {
    const std::string address = section.has("address") ? section.text("address") : "";
    if (address.empty() || address.ends_with(":0") || address.ends_with(":*")) return nullptr;
    const auto found = std::find_if(
        plan_.inputs.begin(), plan_.inputs.end(),
        [&](const RouterPlan::InputPlan& input) { return input.identity == identity; });
    return found == plan_.inputs.end() ? nullptr : &*found;
  }

  bool add_filter(const std::string& name, Settings& section) {
    tags_.read_filter(name, section);
    return true;
  }

  bool add_output(const std::string& name, Settings& section) {
    const OutputType* const type = type_of(section, name, output_types());
    if (type == nullptr) return true;
    RouterPlan::OutputPlan output;
    output.name = name;
    output.place = section.place();
    output.options = read_output_options(section, plan_.process);
    // The command line's have none.
    if (section.is_from_file()) output.options.name = name;
    output.options.match.tags = tags_.read_output(section);
    output.identity = fmt::format("{}{}{} {}", section.identity(), type->name,
                                  output.options.queue_bytes, output.options.match.tags);
    output.make_encoder = read_encoder(section, *type, output.options, errors_);
    output.open = type->read(section, output.options);
    plan_.outputs.push_back(std::move(output));
    return true;
  }

  Settings root_;
  ConfigErrors& errors_;
  InputLimits limits_;
  TagFilters tags_;
  RouterPlan plan_;
};

}  // namespace

RouterPlan read_plan(const ConfigValue& config, ConfigErrors& errors) {
  RouterPlan plan = PlanReader(config, errors).read();
  if (const ConfigValue* const process = config.find("metlogd")) {
    ConfigValue fixed = *process;
    std::erase_if(fixed.members, [](const ConfigMember& member) { return member.key == "queue"; });
    plan.process_identity = identity_of(fixed);
  } else {
    plan.process_identity = identity_of(ConfigValue::table({}));
  }
  return plan;
}

}  // namespace metlog
