// Reads arbitrary bytes as a configuration of metlogd. Whatever it is, reading ends, each error and
// each note is one about a place or a section, and what is free of errors reads the same again.
// Nothing is opened.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "tools/router/config/config_errors.h"
#include "tools/router/config/router_plan.h"
#include "tools/router/config/toml_file.h"

namespace metlog {
namespace {

void check(std::string_view text) {
  const ConfigEnvironment environment = [](const std::string& name) {
    return name.size() < 4 ? std::optional<std::string>(name) : std::nullopt;
  };
  const auto source =
      std::make_shared<const ConfigSource>(ConfigSource{"fuzz.toml", std::string(text), 1});
  ConfigErrors errors;
  const ConfigValue config = parse_toml(source, environment, errors);
  const RouterPlan plan = read_plan(config, errors);
  for (const std::string& error : errors.errors()) {
    // "fuzz.toml:LINE:COLUMN: "
    if (!error.starts_with("fuzz.toml:")) std::abort();
    if (error.find('\x1b') != std::string::npos) std::abort();
  }
  if (!errors.empty()) return;
  ConfigErrors again;
  const RouterPlan same = read_plan(parse_toml(source, environment, again), again);
  if (!again.empty() || same.outputs.size() != plan.outputs.size()) std::abort();
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
    if (same.outputs[i].identity != plan.outputs[i].identity) std::abort();
    if (!plan.outputs[i].open || !plan.outputs[i].make_encoder) std::abort();
  }
  for (const RouterPlan::InputPlan& input : plan.inputs) {
    if (!input.open) std::abort();
  }
}

}  // namespace
}  // namespace metlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  metlog::check({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
