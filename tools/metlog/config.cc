#include "tools/metlog/config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metlog/internal/client/client_spec.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/dict_from_config.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/config/typed_value.h"
#include "metlog/internal/text/line_text.h"
#include "tools/console/report.h"
#include "tools/console/terminal.h"

namespace metlog {
namespace {

constexpr std::size_t kMaxColumnWidth = 60;

std::string where(const Value& value) {
  const ValueOrigin* const origin = value.origin();
  if (origin == nullptr) return "nothing in the file";
  std::string text = place_text(*origin);
  if (origin->is_interpolated)
    text += fmt::format(", interpolated from {}", to_json(origin->written));
  if (!origin->variables.empty()) text += fmt::format(", environment {}", origin->variables);
  if (origin->replaced_line != 0) text += fmt::format(", replaces line {}", origin->replaced_line);
  return text;
}

bool has_parts(const Value& value) {
  if (const ValueMap* const map = value.as_map()) return !map->empty();
  const ValueList* const list = value.as_list();
  return list != nullptr && std::any_of(list->begin(), list->end(), [](const Value& item) {
           return item.as_map() != nullptr || item.as_list() != nullptr;
         });
}

/// Formats values and their origins as two columns.
class Explanation {
 public:
  /// `without_effect` are paths.
  explicit Explanation(std::vector<std::string> without_effect)
      : without_effect_(std::move(without_effect)) {}

  void add(const std::string& path, const Value& value, std::string_view remark) {
    const bool has_effect =
        std::find(without_effect_.begin(), without_effect_.end(), path) == without_effect_.end();
    if (!has_effect && remark.empty()) remark = "; it has no effect here";
    if (!has_parts(value)) {
      lines_.emplace_back(line_text(fmt::format("{} = {}", path, to_json(value))),
                          line_text(where(value)).append(remark));
    } else if (const ValueMap* const map = value.as_map()) {
      for (const auto& [key, member] : *map) add(member_path(path, key), member, remark);
    } else if (const ValueList* const list = value.as_list()) {
      for (std::size_t i = 0; i < list->size(); ++i) add(item_path(path, i), (*list)[i], remark);
    }
  }

  [[nodiscard]] std::string text() const {
    std::size_t width = 0;
    for (const auto& [value, place] : lines_) {
      if (value.size() <= kMaxColumnWidth) width = std::max(width, value.size());
    }
    std::string text;
    for (const auto& [value, place] : lines_) {
      text += fmt::format("{:<{}}  {}\n", value, width, place);
    }
    return text;
  }

 private:
  std::vector<std::string> without_effect_;
  std::vector<std::pair<std::string, std::string>> lines_;
};

bool is_nested_too(std::string_view key) {
  return key.starts_with("sender_") || key.starts_with("global_") || key.starts_with("engine_");
}

/// Returns the client that a configuration describes. Plugins are left out, for only the program
/// knows them.
absl::StatusOr<ClientSpec> client_of(ValueMap dict) {
  dict.erase("plugins");
  return make_client_spec(std::move(dict), {});
}

}  // namespace

std::string explanation(const ValueMap& dict) {
  const std::vector<std::string> unknown = unknown_keys(dict);
  ValueMap without_filters = dict;  // they may be shared objects, which are loaded to be asked
  without_filters.erase("filters");
  const absl::StatusOr<ClientSpec> client = client_of(std::move(without_filters));
  Explanation explanation(client.ok() ? unread_keys(*client) : std::vector<std::string>());
  for (const auto& [key, value] : dict) {
    if (is_nested_too(key)) continue;
    const bool is_unknown = std::find(unknown.begin(), unknown.end(), key) != unknown.end();
    explanation.add(member_path("", key), value, is_unknown ? "; no part of metlog reads it" : "");
  }
  return explanation.text();
}

namespace {

/// Values of an INI file know their section; those of a JSON file have none.
bool is_json(const ValueMap& dict) {
  if (dict.empty()) return true;
  const ValueOrigin* const origin = dict.begin()->value.origin();
  return origin != nullptr && origin->section.empty();
}

/// On a terminal, escapes what it would interpret; the JSON stays valid.
std::string fit_for_output(std::string text) {
  if (isatty(STDOUT_FILENO) != 0) return line_text(text);
  return text;
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
  if (const absl::Status refused = options.checks ? client_of(*dict).status() : absl::OkStatus();
      !refused.ok()) {
    report(std::string(refused.message()));
    return kExitUsage;
  }
  if (options.explains) return print(explanation(*dict));
  return print(fit_for_output(to_json(*dict)) + '\n');
}

}  // namespace metlog
