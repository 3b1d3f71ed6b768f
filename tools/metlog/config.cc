#include "tools/metlog/config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>

#include "metlog/internal/client/client_spec.h"
#include "metlog/internal/config/dict_from_config.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/config/typed_value.h"
#include "metlog/internal/text/line_text.h"
#include "tools/console/report.h"
#include "tools/console/terminal.h"
#include "tools/metlog/explanation.h"

namespace metlog {
namespace {

/// What INI text says knows its section.
bool is_json(const ValueMap& dict) {
  if (dict.empty()) return true;
  const ValueOrigin* const origin = dict.begin()->value.origin();
  return origin != nullptr && origin->section.empty();
}

/// On a terminal without what it would obey; the JSON stays valid.
std::string fit_for_output(std::string text) {
  return isatty(STDOUT_FILENO) != 0 ? line_text(text) : text;
}

/// What a client would find wrong with it. A program's plugins are its own.
absl::Status client_refuses(ValueMap dict) {
  dict.erase("plugins");
  return plan_client(dict, {}).status();
}

int print(std::string_view text) {
  StandardOutput output;
  output.write(text);
  if (output.error() == 0 || output.error() == EPIPE) return kExitDone;
  report(fmt::format("cannot write the standard output: {}",
                     std::generic_category().message(output.error())));
  return kExitLost;
}

}  // namespace

int run_config(const ConfigOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);
  const absl::StatusOr<ValueMap> dict =
      dict_from_file_config(options.file, options.section.empty() ? "metlog" : options.section);
  if (!dict.ok()) {
    report(std::string(dict.status().message()));
    return kExitUsage;
  }
  if (!options.section.empty() && is_json(*dict)) {
    report(fmt::format("{} is JSON, which has no sections; leave --section out",
                       line_text(options.file)));
    return kExitUsage;
  }
  if (const absl::Status refused = options.checks ? client_refuses(*dict) : absl::OkStatus();
      !refused.ok()) {
    report(std::string(refused.message()));
    return kExitUsage;
  }
  if (options.explains) return print(explanation(*dict));
  return print(fit_for_output(to_json(*dict)) + '\n');
}

}  // namespace metlog
