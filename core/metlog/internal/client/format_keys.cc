#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/client/option_keys.h"
#include "metlog/internal/codec/layouts.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/typed_value.h"
#include "metlog/internal/text/nearest_name.h"
#include "metlog/providers.h"

namespace metlog {
namespace {

using Words = std::vector<std::string_view>;

/// The value of a key; null when it is missing or null, which mean the default.
const Value* given(const ValueMap& config, std::string_view key) {
  const Value* const value = config.find(key);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

/// Returns which of some words a value is.
absl::StatusOr<std::size_t> index_of(std::string_view key, const Value& value, const Words& words) {
  const std::string* const text = value.as_text();
  for (std::size_t i = 0; text != nullptr && i < words.size(); ++i) {
    if (*text == words[i]) return i;
  }
  std::string what = "takes ";
  for (const std::string_view& word : words)
    what.append(&word == words.data() ? "" : ", ").append(word);
  const std::string_view near = text != nullptr ? nearest_name(*text, words) : std::string_view();
  if (!near.empty()) what.append("; did you mean '").append(near).append("'?");
  return value_error(key, value, what);
}

/// Sets an option by the value of its key.
absl::Status set_text(std::string_view key, const Value& value, std::string& option) {
  if (value.as_text() == nullptr) return value_error(key, value, "takes a string");
  option = *value.as_text();
  return absl::OkStatus();
}

absl::Status set_pattern(const Value& value, FormatOptions& options) {
  return set_text("pattern", value, options.pattern);
}

absl::Status set_add(const Value& value, FormatOptions& options) {
  return set_text("add", value, options.add);
}

absl::Status set_time(const Value& value, FormatOptions& options) {
  const absl::StatusOr<std::size_t> zone = index_of("time", value, {"local", "utc"});
  if (zone.ok()) options.utc = *zone == 1;
  return zone.status();
}

absl::Status set_color(const Value& value, FormatOptions& options) {
  const auto colors = index_of("color", value, {"auto", "always", "never"});
  if (colors.ok()) options.colors = static_cast<Colors>(*colors);
  return colors.status();
}

/// INI and JSON have numbers and booleans, the environment has only strings.
absl::Status set_numbers(const Value& value, FormatOptions& options) {
  for (const bool choice : {false, true}) {
    const bool is_it = value == Value(choice) || value == Value(std::int64_t{choice}) ||
                       value == Value(choice ? "1" : "0");
    if (!is_it) continue;
    options.numbers = choice;
    return absl::OkStatus();
  }
  return value_error("numbers", value, "takes 0, 1");
}

struct OptionKey {
  std::string_view name;
  absl::Status (*set)(const Value& value, FormatOptions& options);
};
constexpr std::array<OptionKey, 5> kOptionKeys = {{{"pattern", set_pattern},
                                                   {"add", set_add},
                                                   {"time", set_time},
                                                   {"color", set_color},
                                                   {"numbers", set_numbers}}};

/// A sender has a format of its own when its messages are read as that, or when the configuration
/// names a formatter for it.
bool is_fixed(const SenderSpec& sender) {
  return sender.format.has_value() && sender.format->format() != MessageFormat::kIndented;
}

absl::Status read_name(const Value& value, const SenderSpec& sender, Formatter& format) {
  Words names;
  for (const FormatName& known : kFormatNames) names.push_back(known.name);
  const absl::StatusOr<std::size_t> index = index_of("format", value, names);
  if (!index.ok()) return index.status();
  const MessageFormat wanted = kFormatNames[*index].format;
  if (wanted == format.format()) return absl::OkStatus();
  if (is_fixed(sender)) {
    return value_error(
        "format", value,
        absl::StrCat("the sender has the format ", std::string(name_of(sender.format->format())),
                     " already; leave out one of the two"));
  }
  format = wanted;
  return absl::OkStatus();
}

}  // namespace

absl::Status read_format_keys(const ValueMap& config, const SenderSpec& sender,
                              ClientOptions& options) {
  Formatter format = options.format;
  if (const Value* const value = given(config, "format")) {
    if (absl::Status status = read_name(*value, sender, format); !status.ok()) return status;
  }
  FormatOptions chosen = format.options();
  for (const OptionKey& key : kOptionKeys) {
    const Value* const value = given(config, key.name);
    if (value == nullptr) continue;
    if (absl::Status status = key.set(*value, chosen); !status.ok()) return status;
    if (format.format() == MessageFormat::kOwn) {
      return value_error(key.name, *value, "a formatter function takes no options of formats");
    }
    if (const auto layout = make_layout(format.format(), chosen); !layout.ok()) {
      return value_error(key.name, *value, std::string(layout.status().message()));
    }
  }
  if (chosen != format.options()) format = Formatter(format.format(), std::move(chosen));
  options.format = std::move(format);
  return absl::OkStatus();
}

}  // namespace metlog
