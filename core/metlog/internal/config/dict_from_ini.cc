#include "metlog/internal/config/dict_from_ini.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "metlog/error_kind.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/convert.h"
#include "metlog/internal/config/ini.h"
#include "metlog/internal/config/text.h"
#include "metlog/internal/text/line_text.h"

namespace metlog {
namespace {

constexpr std::string_view kProvider = "provider";

bool starts_with(std::string_view text, std::string_view beginning) {
  return text.substr(0, beginning.size()) == beginning;
}

std::string without(std::string text, const std::string& part) {
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos;) {
    text.erase(at, part.size());
  }
  return text;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

absl::Status error_at(const ValueOrigin& origin, const absl::Status& status) {
  std::string message = place_text(origin);
  message.append(" = ")
      .append(quote(origin.written))
      .append(": ")
      .append(std::string(status.message()));
  return with_message(status, message);
}

/// Reads sections as values.
class IniReader {
 public:
  IniReader(const IniDocument& document, const Environment& environment)
      : document_(document), environment_(environment) {}

  /// The value of one option; a provider's name (`is_name`) is interpolated but not converted.
  absl::StatusOr<Value> read(const IniScope& scope, const IniOption& option, bool is_name) const {
    ValueOrigin origin = scope.origin_of(option);
    absl::StatusOr<std::string> text = interpolate(option.value, scope);
    if (!text.ok()) return error_at(origin, text.status());
    origin.is_interpolated = option.value.find('%') != std::string::npos;
    std::vector<std::string> variables;
    absl::StatusOr<Value> value =
        is_name ? Value(*std::move(text)) : convert(*text, environment_, &variables);
    if (!value.ok()) return error_at(origin, value.status());
    origin.variables = joined(variables);
    value->set_origin(std::make_shared<const ValueOrigin>(std::move(origin)));
    return value;
  }

  absl::StatusOr<ValueMap> read(const IniScope& scope) const {
    ValueMap dict;
    for (const IniOption* const option : scope.options()) {
      absl::StatusOr<Value> value = read(scope, *option, false);
      if (!value.ok()) return value.status();
      dict.set(option->name, *std::move(value));
    }
    return dict;
  }

  /// [provider, parameters]; the provider is null when the section has none.
  absl::StatusOr<Value> read_pair(const IniSection& section) const {
    Value provider;
    ValueMap parameters;
    const IniScope scope(document_, section);
    for (const IniOption* const option : scope.options()) {
      const bool is_provider = option->name == kProvider;
      absl::StatusOr<Value> value = read(scope, *option, is_provider);
      if (!value.ok()) return value.status();
      if (is_provider) {
        provider = *std::move(value);
      } else {
        parameters.set(option->name, *std::move(value));
      }
    }
    Value parameters_value(std::move(parameters));
    parameters_value.set_origin(header_origin(section));
    Value pair(ValueList{std::move(provider), std::move(parameters_value)});
    pair.set_origin(header_origin(section));
    return pair;
  }

  absl::StatusOr<Value> read_filters(const std::string& prefix) const {
    ValueList filters;
    for (const IniSection& section : document_.sections()) {
      if (!starts_with(section.name, prefix)) continue;
      absl::StatusOr<Value> pair = read_pair(section);
      if (!pair.ok()) return pair.status();
      if (pair->as_list()->front().is_null()) {
        return absl::InvalidArgumentError(
            place_text(*header_origin(section))
                .append(" has no provider; write provider = NAME, such as "
                        "metlog.filters.severity_max_provider"));
      }
      filters.push_back(*std::move(pair));
    }
    return Value(std::move(filters));
  }

  absl::StatusOr<Value> read_plugins(const std::string& prefix) const {
    ValueMap plugins;
    for (const IniSection& section : document_.sections()) {
      if (!starts_with(section.name, prefix)) continue;
      absl::StatusOr<Value> pair = read_pair(section);
      if (!pair.ok()) return pair.status();
      Value& provider = pair->as_list()->front();
      if (provider.is_null()) {
        provider = Value("");
        provider.set_origin(header_origin(section));
      }
      plugins.set(without(section.name, prefix + "_"), *std::move(pair));
    }
    return Value(std::move(plugins));
  }

 private:
  std::shared_ptr<const ValueOrigin> header_origin(const IniSection& section) const {
    ValueOrigin origin;
    origin.file = document_.file();
    origin.line = section.line;
    origin.section = section.name;
    return std::make_shared<const ValueOrigin>(std::move(origin));
  }

  const IniDocument& document_;
  const Environment& environment_;
};

absl::Status no_section(const IniDocument& document, std::string_view section) {
  std::string message = line_text(document.file());
  message.append(": No section: '").append(quote_excerpt(section)).append("'; ");
  if (document.sections().empty()) {
    message.append("it has no sections; write [").append(quote_excerpt(section)).append("]");
  } else {
    message.append("it has ");
    for (const IniSection& present : document.sections()) {
      message.append(&present == &document.sections().front() ? "[" : ", [");
      message.append(quote_excerpt(present.name)).append("]");
      if (message.size() <= 400) continue;
      message.append(", ...");
      break;
    }
  }
  return with_detail(absl::NotFoundError(message), ErrorKind::kSectionNotFound, section);
}

}  // namespace

absl::StatusOr<ValueMap> dict_from_ini(const IniDocument& document, std::string_view section,
                                       const Environment& environment) {
  const IniSection* const main = document.find(section);
  if (main == nullptr) return no_section(document, section);
  const IniReader reader(document, environment);
  absl::StatusOr<ValueMap> dict = reader.read(IniScope(document, *main));
  if (!dict.ok()) return dict;
  absl::StatusOr<Value> filters = reader.read_filters(main->name + "_filter");
  if (!filters.ok()) return filters.status();
  absl::StatusOr<Value> plugins = reader.read_plugins(main->name + "_plugin");
  if (!plugins.ok()) return plugins.status();
  dict->set("filters", *std::move(filters));
  dict->set("plugins", *std::move(plugins));
  return dict;
}

namespace {

absl::Status wrong(const std::string& message) { return absl::InvalidArgumentError(message); }

/// Interpolates one value; append() also handles the values that it refers to.
class Interpolation {
 public:
  explicit Interpolation(const IniScope& scope) : scope_(scope) {}

  absl::Status append(std::string_view text, int depth) {
    if (depth > kMaxInterpolationDepth) {
      return wrong(absl::StrCat("refers to itself, or to more than ", kMaxInterpolationDepth,
                                " options in a row"));
    }
    while (!text.empty()) {
      const std::size_t plain = std::min(text.find('%'), text.size());
      out_.append(text.substr(0, plain));
      text.remove_prefix(plain);
      if (text.empty()) break;
      if (absl::Status status = take_percent(text, depth); !status.ok()) return status;
      if (out_.size() > kMaxInterpolatedBytes || references_ > kMaxReferences) {
        return wrong("grows too large; refer to fewer options");
      }
    }
    return absl::OkStatus();
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  /// Consumes the reference or escaped percent sign at the beginning of `text`.
  absl::Status take_percent(std::string_view& text, int depth) {
    if (text.substr(0, 2) == "%%") {
      out_ += '%';
      text.remove_prefix(2);
      return absl::OkStatus();
    }
    const std::size_t end = text.find(')');
    const bool is_reference = text.substr(0, 2) == "%(" && end != std::string_view::npos &&
                              end > 2 && text.substr(end, 2) == ")s";
    if (!is_reference) {
      return wrong(std::string("has a lone % at ")
                       .append(quote(text))
                       .append("; write %% for a percent sign, %(name)s for an option's value"));
    }
    const std::string name = to_lower(text.substr(2, end - 2));
    text.remove_prefix(end + 2);
    return refer_to(name, depth);
  }

  absl::Status refer_to(const std::string& name, int depth) {
    ++references_;
    const std::optional<std::string_view> value = scope_.find(name);
    if (value.has_value()) return append(*value, depth + 1);
    return wrong(std::string("refers to ")
                     .append(quote(name))
                     .append(", but neither [")
                     .append(quote_excerpt(scope_.section().name))
                     .append("] nor [DEFAULT] has such an option"));
  }

  const IniScope& scope_;
  std::string out_;
  int references_ = 0;
};

}  // namespace

absl::StatusOr<std::string> interpolate(std::string_view text, const IniScope& scope) {
  Interpolation interpolation(scope);
  if (absl::Status status = interpolation.append(text, 1); !status.ok()) return status;
  return interpolation.take();
}

}  // namespace metlog
