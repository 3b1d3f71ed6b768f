#include "metlog/internal/flush/destination_url.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "metlog/internal/codec/layouts.h"
#include "metlog/internal/text/line_text.h"
#include "metlog/internal/text/severity_names.h"
#include "metlog/internal/text/syslog_text.h"

namespace metlog {
namespace {

std::optional<std::string> take(Url& url, const char* name) {
  const auto option = url.query.find(name);
  if (option == url.query.end()) return std::nullopt;
  std::string value = std::move(option->second);
  url.query.erase(option);
  return value;
}

absl::Status wrong(const Url& url, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("in '", url.text, "': ", what));
}

/// Takes an option whose value is one of some words, and returns the index of the word.
absl::StatusOr<std::optional<std::size_t>> take_word(Url& url, const char* name,
                                                     const std::vector<std::string>& words) {
  const std::optional<std::string> value = take(url, name);
  if (!value.has_value()) return std::nullopt;
  const auto word = std::find(words.begin(), words.end(), *value);
  if (word != words.end()) return static_cast<std::size_t>(word - words.begin());
  return wrong(url, absl::StrCat("option ", name, "='", line_text(*value), "' takes ",
                                 absl::StrJoin(words, ", ")));
}

/// The form of syslog for a destination. Readers of a local socket expect no host in RFC 3164.
SyslogForm syslog_form(const Url& url, bool is_old) {
  if (!is_old) return SyslogForm::kRfc5424;
  const bool is_local = url.scheme == "syslog" && url.authority.empty();
  return is_local ? SyslogForm::kRfc3164Local : SyslogForm::kRfc3164;
}

/// Takes the options of the format.
absl::Status take_options(Url& url, FormatOptions& options) {
  if (std::optional<std::string> pattern = take(url, "pattern")) options.pattern = *pattern;
  if (std::optional<std::string> add = take(url, "add")) options.add = *add;
  if (std::optional<std::string> app = take(url, "app")) options.app = *app;
  if (std::optional<std::string> prefix = take(url, "prefix")) options.prefix = *prefix;
  if (std::optional<std::string> id = take(url, "sd_id")) options.sd_id = *id;
  if (const std::optional<std::string> name = take(url, "facility")) {
    const std::optional<int> facility = syslog_facility(*name);
    if (!facility.has_value()) {
      return wrong(url, absl::StrCat("option facility='", line_text(*name), "' takes ",
                                     syslog_facilities()));
    }
    options.facility = *facility;
  }
  const auto rfc = take_word(url, "rfc", {"5424", "3164"});
  if (!rfc.ok()) return rfc.status();
  if (rfc->has_value()) options.syslog_form = syslog_form(url, **rfc == 1);
  const auto zone = take_word(url, "time", {"local", "utc"});
  if (!zone.ok()) return zone.status();
  if (zone->has_value()) options.utc = **zone == 1;
  const auto colors = take_word(url, "color", {"auto", "always", "never"});
  if (!colors.ok()) return colors.status();
  if (colors->has_value()) options.colors = static_cast<Colors>(**colors);
  const auto numbers = take_word(url, "numbers", {"0", "1"});
  if (!numbers.ok()) return numbers.status();
  if (numbers->has_value()) options.numbers = **numbers == 1;
  return absl::OkStatus();
}

std::string shown(MessageFormat format) { return std::string(name_of(format)); }

bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

/// True when colours belong there; see Colors.
bool is_colored(std::string_view url) {
  if (url != "stdout:" && url != "stderr:") return false;
  if (is_set("NO_COLOR")) return false;
  if (is_set("FORCE_COLOR")) return std::string_view(std::getenv("FORCE_COLOR")) != "0";
  const char* const terminal = std::getenv("TERM");
  const bool is_dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return !is_dumb && isatty(url == "stdout:" ? STDOUT_FILENO : STDERR_FILENO) != 0;
}

}  // namespace

absl::StatusOr<Formatter> take_format(Url& url, const Formatter& preset) {
  const std::optional<MessageFormat> only = format_of(url);
  if (only.has_value() && preset.format() == MessageFormat::kOwn) {
    return wrong(url, absl::StrCat("its messages are ", shown(*only),
                                   ", which a formatter function does not make; leave it out"));
  }
  Formatter format = preset;
  if (only.has_value() && *only != preset.format()) format = *only;
  FormatOptions options = format.options();
  if (const std::optional<std::string> name = take(url, "format")) {
    const absl::StatusOr<MessageFormat> known = format_named(*name);
    if (!known.ok()) return wrong(url, "option " + std::string(known.status().message()));
    if (only.has_value() && *known != *only) {
      return wrong(url, absl::StrCat("its messages are ", shown(*only),
                                     "; leave out format=", shown(*known)));
    }
    if (*known == MessageFormat::kJournal && !only.has_value()) {
      return wrong(url, "messages of the journal are for journald: only");
    }
    if (*known != format.format()) options = {};
    format = *known;
  }
  if (absl::Status status = take_options(url, options); !status.ok()) return status;
  if (options != format.options()) {
    if (format.format() == MessageFormat::kOwn) {
      return wrong(url, "a formatter function takes no options of formats");
    }
    format = Formatter(format.format(), std::move(options));
  }
  if (const auto layout = make_layout(format.format(), format.options()); !layout.ok()) {
    return wrong(url, std::string(layout.status().message()));
  }
  const bool is_json = format.format() == MessageFormat::kJson;
  const auto batch = UrlOptions(url).flag_or_auto("batch");
  if (is_json && url.query.count("batch") == 0 && can_ask_for_batches(url)) {
    url.query["batch"] = "auto";
  }
  if (!is_json && batch == UrlOptions::Switch::kAuto) url.query.erase("batch");
  if (!is_json && batch == UrlOptions::Switch::kOn) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", url.text,
                     "' asks for another format than json in batched frames, which hold JSON; "
                     "leave out one of the two"));
  }
  return format;
}

void drop_format(Url& url) {
  for (const char* const option : {"format", "pattern", "add", "time", "color", "numbers",
                                   "facility", "app", "rfc", "sd_id", "prefix"}) {
    url.query.erase(option);
  }
}

Formatter shown_on(std::string_view url, const Formatter& format) {
  FormatOptions options = format.options();
  const bool is_open = options.colors == Colors::kAuto;
  if (format.format() != MessageFormat::kPattern || !is_open || !is_colored(url)) return format;
  options.colors = Colors::kAlways;
  return {format.format(), std::move(options)};
}

absl::Status take_rules(Url& url, DestinationRules& rules) {
  if (const std::optional<std::string> word = take(url, "level")) {
    const std::optional<Severity> level = parse_level(*word);
    if (!level.has_value()) {
      const std::string_view near = nearest_level(*word);
      return wrong(
          url, absl::StrCat("option level='", line_text(*word), "' ",
                            near.empty() ? "takes " + level_choices()
                                         : "is no level; did you mean " + std::string(near) + "?"));
    }
    rules.level = *level;
  }
  if (!rules.is_one_of_several) return absl::OkStatus();
  const auto when_full = take_word(url, "when_full", {"drop", "block"});
  if (!when_full.ok()) return when_full.status();
  if (when_full->has_value()) rules.is_waited_for = **when_full == 1;
  const auto optional = take_word(url, "optional", {"0", "1"});
  if (!optional.ok()) return optional.status();
  if (optional->has_value()) rules.is_optional = **optional == 1;
  return absl::OkStatus();
}

absl::StatusOr<bool> take_ids(Url& url, bool preset) {
  const auto option = url.query.find("id");
  if (option == url.query.end()) return preset;
  Url only = url;
  only.query = {*option};
  UrlOptions options(only);
  const bool has_ids = options.flag("id");
  if (absl::Status status = options.status(); !status.ok()) return status;
  url.query.erase(option);
  return has_ids;
}

}  // namespace metlog
