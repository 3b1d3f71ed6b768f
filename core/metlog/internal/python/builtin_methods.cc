#include "metlog/internal/python/builtin_methods.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "metlog/client.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/config/text.h"
#include "metlog/internal/provider/parameters.h"
#include "metlog/percent.h"

namespace metlog {
namespace {

// The members of the reference's clients and of ours. call() finds those of kBuiltins.
constexpr std::string_view kOwnNames[] = {"_config",
                                          "_dynamic_methods",
                                          "add_method",
                                          "alert",
                                          "call",
                                          "close",
                                          "critical",
                                          "debug",
                                          "disable_timer",
                                          "disabled_timers",
                                          "emergency",
                                          "enable_timer",
                                          "env_version",
                                          "error",
                                          "exception",
                                          "filters",
                                          "flush",
                                          "gate",
                                          "hostname",
                                          "incr",
                                          "info",
                                          "is_active",
                                          "is_timer_disabled",
                                          "log",
                                          "logger",
                                          "metlog",
                                          "notice",
                                          "pid",
                                          "reconfigure",
                                          "send_message",
                                          "sender",
                                          "set_disabled_timers",
                                          "set_min_severity",
                                          "setup",
                                          "severity",
                                          "stats",
                                          "timer",
                                          "timer_send",
                                          "warn"};

absl::Status wrong(std::string_view method, std::string_view parameter, const Value& value,
                   std::string_view wanted) {
  const auto view = [](std::string_view text) {
    return absl::string_view(text.data(), text.size());
  };
  return absl::InvalidArgumentError(absl::StrCat(view(method), ": ", view(parameter), " is ",
                                                 quote_excerpt(to_json(value)), "; it takes ",
                                                 view(wanted)));
}

absl::Status set(std::string_view& to, std::string_view method, std::string_view parameter,
                 const Value* value) {
  if (value == nullptr || value->is_null()) return absl::OkStatus();
  if (value->as_text() == nullptr) return wrong(method, parameter, *value, "a string");
  to = *value->as_text();
  return absl::OkStatus();
}

/// Reads CallOptions from a call's arguments; refers to these.
class OptionsReader {
 public:
  absl::Status read(std::string_view method, std::string_view parameter, const Value* value) {
    if (value == nullptr || value->is_null()) return absl::OkStatus();
    if (parameter == "logger") return set(options_.logger, method, parameter, value);
    if (parameter == "severity") return read_severity(method, *value);
    if (parameter == "rate") return read_rate(method, *value);
    return read_fields(method, *value);
  }
  [[nodiscard]] CallOptions options() const {
    CallOptions options = options_;
    options.fields = FieldList(fields_.data(), fields_.size());
    return options;
  }

 private:
  absl::Status read_severity(std::string_view method, const Value& value) {
    const std::int64_t* const number = value.as_integer();
    if (number == nullptr || !std::in_range<int>(*number) ||
        *number == CallOptions::kSeverityNotGiven) {
      return wrong(method, "severity", value, "an integer, 0 to 7");
    }
    options_.severity = static_cast<int>(*number);
    return absl::OkStatus();
  }
  absl::Status read_rate(std::string_view method, const Value& value) {
    if (const double* const floating = value.as_real()) {
      options_.rate = *floating;
    } else if (const std::int64_t* const number = value.as_integer()) {
      options_.rate = static_cast<double>(*number);
    } else {
      return wrong(method, "rate", value, "a number");
    }
    return absl::OkStatus();
  }
  absl::Status read_fields(std::string_view method, const Value& value) {
    if (value.as_map() == nullptr) return wrong(method, "fields", value, "a map");
    for (const ValueEntry& entry : *value.as_map()) fields_.push_back({entry.key, entry.value});
    return absl::OkStatus();
  }

  CallOptions options_;
  std::vector<Field> fields_;
};

/// A call with the parameters name, value, logger, severity, fields and rate, in any order.
struct BoundCall {
  std::string_view name;
  FieldValue value;
  OptionsReader options;
};

absl::StatusOr<BoundCall> bind(const Parameters& parameters, std::string_view value_name,
                               FieldValue preset, const Arguments& arguments) {
  const auto bound = parameters.bind(arguments);
  if (!bound.ok()) return bound.status();
  BoundCall call{{}, preset, {}};
  for (std::size_t i = 0; i < bound->size(); ++i) {
    const std::string_view parameter = parameters.names[i];
    const Value* const value = (*bound)[i];
    absl::Status status;
    if (i == 0) {
      if (value->as_text() == nullptr)
        return wrong(parameters.owner, parameter, *value, "a string");
      call.name = *value->as_text();
    } else if (parameter != value_name) {
      status = call.options.read(parameters.owner, parameter, value);
    } else if (value != nullptr) {
      call.value = *value;
    }
    if (!status.ok()) return status;
  }
  return call;
}

absl::StatusOr<Value> call_metlog(Client& client, const Arguments& arguments) {
  const auto call = bind({"metlog()", {"type", "logger", "severity", "payload", "fields"}, 1},
                         "payload", "", arguments);
  if (!call.ok()) return call.status();
  client.metlog(call->name, call->options.options(), call->value);
  return Value();
}

absl::StatusOr<Value> call_incr(Client& client, const Arguments& arguments) {
  const auto call = bind({"incr()", {"name", "count", "logger", "severity", "fields", "rate"}, 1},
                         "count", 1, arguments);
  if (!call.ok()) return call.status();
  client.incr(call->name, call->value, call->options.options());
  return Value();
}

absl::StatusOr<Value> call_timer_send(Client& client, const Arguments& arguments) {
  const auto call =
      bind({"timer_send()", {"name", "elapsed", "logger", "severity", "fields", "rate"}, 2},
           "elapsed", 0, arguments);
  if (!call.ok()) return call.status();
  client.timer_send(call->name, call->value, call->options.options());
  return Value();
}

/// True as in Python: null, false, zero and empty values are false.
bool is_truthy(const Value& value) {
  for (const Value& no : {Value(), Value(false), Value(0), Value(0.0), Value(""),
                          Value(ValueList{}), Value(ValueMap{})}) {
    if (value == no) return false;
  }
  return true;
}

/// Reads `exc_info`; returns false for any other name.
bool read_named(const ValueMap& named, bool& wants_error) {
  for (const ValueEntry& entry : named) {
    if (entry.key != "exc_info") return false;
    wants_error = is_truthy(entry.value);
  }
  return true;
}

/// Logs the first positional argument, formatted with those from index `first` on.
absl::StatusOr<Value> log_formatted(Client& client, Severity severity, const ValueList& positional,
                                    std::size_t first, bool wants_error) {
  if (positional.empty() || positional.front().as_text() == nullptr) {
    return absl::InvalidArgumentError("the first argument of a log call is a string: msg");
  }
  const std::size_t skipped = std::min(first, positional.size());
  const absl::StatusOr<std::string> text = percent_format_values(
      *positional.front().as_text(), positional.data() + skipped, positional.size() - skipped);
  if (!text.ok()) return text.status();
  const std::exception_ptr error = wants_error ? std::current_exception() : nullptr;
  client.log(severity, *text, wants_error ? ExceptionRef(error) : kNoTrace);
  return Value();
}

template <Severity kSeverity>
absl::StatusOr<Value> call_at(Client& client, const Arguments& arguments) {
  return call_log(client, kSeverity, arguments);
}

struct Builtin {
  std::string_view name;
  Method method;
};

const std::vector<Builtin>& builtins() {
  static const auto* const kBuiltins = new std::vector<Builtin>{
      {"metlog", call_metlog},
      {"incr", call_incr},
      {"timer_send", call_timer_send},
      {"debug", call_at<Severity::kDebug>},
      {"info", call_at<Severity::kInfo>},
      {"notice", call_at<Severity::kNotice>},
      {"warn", call_at<Severity::kWarning>},
      {"error", call_at<Severity::kError>},
      {"critical", call_at<Severity::kCritical>},
      {"alert", call_at<Severity::kAlert>},
      {"emergency", call_at<Severity::kEmergency>},
      {"exception", call_exception},
  };
  return *kBuiltins;
}

}  // namespace

bool is_clients_own(std::string_view name) {
  return std::find(std::begin(kOwnNames), std::end(kOwnNames), name) != std::end(kOwnNames);
}

const Method* find_builtin(std::string_view name) {
  for (const Builtin& builtin : builtins()) {
    if (builtin.name == name) return &builtin.method;
  }
  return nullptr;
}

std::vector<std::string_view> builtin_names() {
  std::vector<std::string_view> names;
  for (const Builtin& builtin : builtins()) names.push_back(builtin.name);
  return names;
}

absl::StatusOr<Value> call_log(Client& client, Severity severity, const Arguments& arguments) {
  bool wants_error = false;
  if (!read_named(arguments.named, wants_error)) {
    return absl::InvalidArgumentError("a log call takes (msg, args..., exc_info)");
  }
  return log_formatted(client, severity, arguments.positional, 1, wants_error);
}

absl::StatusOr<Value> call_exception(Client& client, const Arguments& arguments) {
  const ValueList& given = arguments.positional;
  bool wants_error = given.size() < 2 || is_truthy(given[1]);
  if (!read_named(arguments.named, wants_error) || (given.size() > 1 && !arguments.named.empty())) {
    return absl::InvalidArgumentError("exception() takes (msg, exc_info, args...)");
  }
  return log_formatted(client, Severity::kAlert, given, 2, wants_error);
}

}  // namespace metlog
