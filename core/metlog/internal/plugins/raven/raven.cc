// The method `raven`, its typed form and capture_stack().

#include "metlog/raven.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "metlog/error_kind.h"
#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/base/random_id.h"
#include "metlog/internal/base/system_facts.h"
#include "metlog/internal/client/thrown.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/typed_value.h"
#include "metlog/internal/plugins/plugins.h"
#include "metlog/internal/plugins/raven/sentry_dsn.h"
#include "metlog/internal/plugins/raven/sentry_event.h"
#include "metlog/internal/provider/parameters.h"
#include "metlog/methods.h"

namespace metlog {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

/// What a section of a configuration says.
struct Settings {
  std::optional<SentryDsn> dsn;
  Value project = {};  // of the deprecated sentry_project_id, when there is no DSN
  std::optional<std::string> logger;
  std::int64_t severity = 3;
};

/// One report, from the method or the typed form.
struct Report {
  Value msg = "";
  Value logger = {};  // null: the client's
  std::int64_t severity = 3;
  ValueMap extra = {};
  const Value* payload = nullptr;  // instead of an event
};

SentryEvent event_for(const Report& report, const Settings& settings, const ExceptionRef& error,
                      int own_frames) {
  SentryEvent event;
  const bool has_error =
      !error.is_none() &&
      (error.object() != nullptr || (error.pointer() != nullptr && *error.pointer() != nullptr));
  if (has_error) {
    event.error = describe(error);
    event.frames = stack_frames(own_frames + 1);  // and this one
  }
  event.msg = report.msg;
  event.logger = report.logger;
  event.severity = report.severity;
  event.extra = report.extra;
  event.project = settings.dsn.has_value() ? Value(settings.dsn->project) : settings.project;
  event.server = host_name();
  event.utc_ns = utc_now_ns();
  event.id = id_text(random_id());
  return event;
}

void send(Client& client, const Report& report, const Settings& settings, const Value& payload) {
  ValueMap fields;
  fields.set("epoch_timestamp", static_cast<double>(utc_now_ns()) / kNsPerSecond);
  fields.set("msg", report.msg);
  fields.set("dsn", settings.dsn.has_value() ? Value(settings.dsn->text) : Value());
  for (const ValueEntry& entry : report.extra) fields.set(entry.key, entry.value);
  std::vector<Field> list;
  for (const ValueEntry& entry : fields) list.push_back({entry.key, entry.value});
  CallOptions options;
  if (report.logger.as_text() != nullptr) options.logger = *report.logger.as_text();
  options.severity = static_cast<int>(report.severity);
  options.fields = FieldList(list.data(), list.size());
  client.metlog("sentry", options, payload);
}

bool is_missing(const ExceptionRef& error) {
  return error.object() == nullptr && !error.is_none() &&
         (error.pointer() == nullptr || *error.pointer() == nullptr);
}

}  // namespace

absl::Status send_raven(Client& client, const RavenReport& report, const ExceptionRef& error,
                        const CallPlace& place) {
  Settings settings;
  if (!report.dsn.empty()) {
    absl::StatusOr<SentryDsn> dsn = parse_sentry_dsn(report.dsn);
    if (!dsn.ok()) return dsn.status();
    settings.dsn = *std::move(dsn);
  }
  if (is_missing(error)) return absl::OkStatus();
  constexpr int kOwnFrames = 3;  // from stack_frames() to send_raven()
  Report given{report.msg, {}, report.severity, report.extra};
  if (report.logger.data() != nullptr) given.logger = report.logger;
  SentryEvent event = event_for(given, settings, error, kOwnFrames);
  event.file = place.file;
  event.line = place.line;
  if (event.frames.empty() && event.error.has_value())
    event.frames.push_back({place.function, "?"});
  send(client, given, settings, packed_event(std::move(event)));
  return absl::OkStatus();
}

// The method, called by name.
namespace {

const Parameters& parameters_of_raven() {
  static const auto* const kParameters =
      new Parameters{"raven()", {"msg", "exc_info", "logger", "severity"}, 0};
  return *kParameters;
}

absl::Status read_severity(const Value& value, std::int64_t& severity) {
  const std::int64_t* const number = value.as_integer();
  if (number == nullptr || *number < std::numeric_limits<int>::min() + 1 ||
      *number > std::numeric_limits<int>::max()) {
    return value_error("severity", value, "raven() takes an integer, 0 to 7");
  }
  severity = *number;
  return absl::OkStatus();
}

/// Divides the arguments into those of raven() and others, which are fields; `payload` is neither.
absl::StatusOr<Report> read_report(const Arguments& arguments, const Settings& settings,
                                   bool& forces) {
  Report report;
  Arguments own{arguments.positional, {}};
  const std::vector<std::string_view>& names = parameters_of_raven().names;
  for (const ValueEntry& entry : arguments.named) {
    const bool is_own = std::find(names.begin(), names.end(), entry.key) != names.end();
    if (entry.key == "payload") {
      if (!entry.value.is_null()) report.payload = &entry.value;
    } else {
      (is_own ? own.named : report.extra).set(entry.key, entry.value);
    }
  }
  const auto bound = parameters_of_raven().bind(own);
  if (!bound.ok()) return bound.status();
  const auto given = [&](std::size_t i) {
    return (*bound)[i] != nullptr && !(*bound)[i]->is_null() ? (*bound)[i] : nullptr;
  };
  if ((*bound)[0] != nullptr) report.msg = *(*bound)[0];
  if (const Value* const exc_info = given(1); exc_info != nullptr) {
    if (exc_info->as_bool() == nullptr) {
      return value_error("exc_info", *exc_info, "raven() takes true or false here");
    }
    forces = !*exc_info->as_bool();  // the original then reports even without an exception
  }
  if (settings.logger.has_value()) report.logger = *settings.logger;
  if (const Value* const logger = given(2); logger != nullptr) {
    if (logger->as_text() == nullptr) return value_error("logger", *logger, "takes a string");
    report.logger = *logger;
  }
  report.severity = settings.severity;
  if (const Value* const severity = given(3); severity != nullptr) {
    if (absl::Status status = read_severity(*severity, report.severity); !status.ok()) {
      return status;
    }
  }
  return report;
}

absl::StatusOr<Value> call_raven(Client& client, const Arguments& arguments,
                                 const Settings& settings) {
  bool forces = false;
  const absl::StatusOr<Report> report = read_report(arguments, settings, forces);
  if (!report.ok()) return report.status();
  if (report->payload != nullptr) {
    send(client, *report, settings, *report->payload);
    return Value();
  }
  const std::exception_ptr current = std::current_exception();
  if (current == nullptr && !forces) return Value();
  constexpr int kOwnFrames = 5;  // from stack_frames() to call_method()
  SentryEvent event = event_for(*report, settings, current, kOwnFrames);
  send(client, *report, settings, packed_event(std::move(event)));
  return Value();
}

absl::StatusOr<Settings> read_settings(const ValueMap& parameters) {
  if (absl::Status status =
          refuse_unexpected(parameters, {"dsn", "logger", "severity", "sentry_project_id"});
      !status.ok()) {
    return status;
  }
  Settings settings;
  const absl::StatusOr<std::string> dsn = text_at(parameters, "dsn");
  if (!dsn.ok() && !absl::IsNotFound(dsn.status())) return dsn.status();
  if (dsn.ok() && !dsn->empty()) {
    absl::StatusOr<SentryDsn> parsed = parse_sentry_dsn(*dsn);
    if (!parsed.ok()) return parsed.status();
    settings.dsn = *std::move(parsed);
  }
  const absl::StatusOr<std::string> logger = text_at(parameters, "logger");
  if (!logger.ok() && !absl::IsNotFound(logger.status())) return logger.status();
  if (logger.ok()) settings.logger = *logger;
  const absl::StatusOr<std::int64_t> severity = integer_or(parameters, "severity", 3, {0, 7});
  if (!severity.ok()) return severity.status();
  settings.severity = *severity;
  if (const Value* const project = parameters.find("sentry_project_id"); project != nullptr) {
    settings.project = *project;
  }
  return settings;
}

}  // namespace

absl::StatusOr<Plugin> make_raven(const ValueMap& parameters) {
  const absl::StatusOr<Settings> settings = read_settings(parameters);
  if (!settings.ok()) return settings.status();
  return Plugin{"raven", [settings = *settings](Client& client, const Arguments& arguments) {
                  return call_raven(client, arguments, settings);
                }};
}

// capture_stack().
namespace {

Value value_of(const FieldValue& value) {
  switch (value.kind()) {
    case FieldValue::Kind::kBool:
      return value.bits() != 0;
    case FieldValue::Kind::kInt:
      return static_cast<std::int64_t>(value.bits());
    case FieldValue::Kind::kUint:
      return value.bits();
    case FieldValue::Kind::kReal:
      return value.real();
    case FieldValue::Kind::kText:
      return value.text();
    case FieldValue::Kind::kList:
      return ValueList(value.items(), value.items() + value.item_count());
    case FieldValue::Kind::kMap:
      return value.map();
    default:
      return {};
  }
}

absl::Status report_current(Decorator& decorator) {
  Client* const client = decorator.client();
  if (client == nullptr) return absl::OkStatus();  // counted as an unmeasured call
  const CallOptions& options = decorator.call_options();
  RavenReport report;
  for (const Field& field : options.fields) report.extra.set(field.key, value_of(field.value));
  Arguments arguments{{}, report.extra};
  if (options.logger.data() != nullptr) arguments.named.set("logger", options.logger);
  if (options.severity != CallOptions::kSeverityNotGiven) {
    arguments.named.set("severity", options.severity);
    report.severity = options.severity;
  }
  absl::Status called = client->call("raven", arguments).status();
  if (error_detail(called).kind != ErrorKind::kMethodNotFound) return called;
  report.logger = options.logger;
  return send_raven(*client, report, std::current_exception(), {"", "", 0});
}

}  // namespace

void report_captured(Decorator& decorator) noexcept {
  static DiagnosticLimit limit;
  try {
    const absl::Status status = report_current(decorator);
    if (!status.ok()) {
      diagnose_seldom(limit, "capture_stack() cannot report an exception: %s",
                      std::string(status.message()).c_str());
    }
  } catch (...) {
    diagnose_seldom(limit, "capture_stack() cannot report an exception: raven() threw another one");
  }
}

}  // namespace metlog
