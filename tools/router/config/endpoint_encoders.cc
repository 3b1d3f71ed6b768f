#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "metlog/internal/codec/layouts.h"
#include "tools/router/config/endpoint_types.h"
#include "tools/router/encode/cef_encoder.h"
#include "tools/router/encode/field_text_encoder.h"
#include "tools/router/encode/layout_line_encoder.h"
#include "tools/router/encode/syslog_encoder.h"
#include "tools/router/input/address.h"
#include "tools/router/input/statsd_input.h"

namespace metlog {
namespace {

int read_facility(Settings& settings, int preset) {
  if (!settings.has("facility")) return preset;
  const std::optional<int> facility = syslog_facility(settings.text("facility"));
  if (!facility.has_value()) {
    settings.refuse("facility", "is no facility; known are " + syslog_facilities());
  }
  return facility.value_or(preset);
}

TimeZone read_zone(Settings& settings) {
  return settings.one_of("time_zone", {{"local", TimeZone::kLocal}, {"utc", TimeZone::kUtc}},
                         TimeZone::kLocal);
}

/// The keys that both forms of syslog have.
SyslogOptions read_syslog(Settings& settings) {
  SyslogOptions options;
  options.facility = read_facility(settings, options.facility);
  options.app_name = settings.text("app_name");
  SyslogOptions only_name = options;
  only_name.sd_id.clear();
  if (const absl::Status status = check_syslog_options(only_name); !status.ok()) {
    settings.refuse_at("app_name", 0, std::string(status.message()));
  }
  return options;
}

MakeEncoder make_layout_encoder(MessageFormat format, const FormatOptions& options) {
  return [format, options] { return std::make_unique<LayoutLineEncoder>(format, options); };
}

}  // namespace

MakeEncoder read_pattern_encoder(Settings& settings) {
  FormatOptions options;
  options.pattern = settings.text("pattern");
  options.utc = settings.one_of("time", {{"local", false}, {"utc", true}}, false);
  options.colors = settings.one_of(
      "color", {{"always", Colors::kAlways}, {"never", Colors::kNever}}, Colors::kNever);
  const auto layout = make_layout(MessageFormat::kPattern, options);
  if (!layout.ok()) settings.refuse_at("pattern", 0, std::string(layout.status().message()));
  return make_layout_encoder(MessageFormat::kPattern, options);
}

MakeEncoder read_logfmt_encoder(Settings&) {
  return make_layout_encoder(MessageFormat::kLogfmt, {});
}
MakeEncoder read_ecs_encoder(Settings&) { return make_layout_encoder(MessageFormat::kEcs, {}); }
MakeEncoder read_gelf_encoder(Settings&) { return make_layout_encoder(MessageFormat::kGelf, {}); }
MakeEncoder read_otel_encoder(Settings&) { return make_layout_encoder(MessageFormat::kOtel, {}); }

MakeEncoder read_text_encoder(Settings& settings) {
  FieldTextEncoder::Options options;
  options.field = settings.text("field", options.field);
  options.has_timestamp = settings.flag("prefix_timestamps", false);
  if (!is_part_of_message(options.field)) {
    settings.refuse("field",
                    "is no part of a message; write payload, type, timestamp, logger, severity, "
                    "env_version, metlog_pid, metlog_hostname or fields/NAME");
  }
  return [options] { return std::make_unique<FieldTextEncoder>(options); };
}

MakeEncoder read_statsd_encoder(Settings& settings) {
  using Space = StatsdEncoder::Space;
  StatsdEncoder::Options options;
  options.prefix = settings.text("prefix");
  if (options.prefix.find_first_of(":|@#,\r\n") != std::string::npos) {
    settings.refuse("prefix", "has a character that ends a name: one of : | @ # , or a line break");
  }
  options.space = settings.one_of("namespace",
                                  {{"fields.logger", Space::kFieldsLogger},
                                   {"logger", Space::kLogger},
                                   {"fields.logger or logger", Space::kFieldsLoggerOrLogger},
                                   {"none", Space::kNone}},
                                  Space::kFieldsLogger);
  options.tags = settings.texts("tags");
  options.has_whole_numbers = settings.flag("whole_numbers", false);
  options.timer_type =
      settings.one_of<std::string>("timer_type", {{"ms", "ms"}, {"h", "h"}, {"d", "d"}}, "ms");
  return [options] { return std::make_unique<StatsdEncoder>(options); };
}

MakeEncoder read_rfc5424_encoder(Settings& settings) {
  SyslogOptions options = read_syslog(settings);
  options.sd_id = settings.text("sd_id", options.sd_id);
  options.has_bom = settings.flag("bom", false);
  SyslogOptions only_id = options;
  only_id.app_name.clear();
  if (const absl::Status status = check_syslog_options(only_id); !status.ok()) {
    settings.refuse_at("sd_id", 0, std::string(status.message()));
  }
  return [options] { return std::make_unique<Rfc5424Encoder>(options); };
}

MakeEncoder read_rfc3164_encoder(Settings& settings) {
  SyslogOptions options = read_syslog(settings);
  options.has_hostname = settings.flag("hostname", true);
  options.zone = read_zone(settings);
  return [options] { return std::make_unique<Rfc3164Encoder>(options); };
}

MakeEncoder read_cef_encoder(Settings& settings) {
  CefEncoder::Options options;
  options.vendor = settings.text("vendor", options.vendor);
  options.product = settings.text("product", options.product);
  options.version = settings.text("version", options.version);
  options.ident = settings.text("ident", options.ident);
  options.facility = read_facility(settings, options.facility);
  options.has_header = settings.flag("header", true);
  options.has_hostname = settings.flag("hostname", true);
  options.zone = read_zone(settings);
  return [options] { return std::make_unique<CefEncoder>(options); };
}

OpenInputs read_statsd_input(Settings& settings, const InputLimits& limits) {
  StatsdInput::Options options;
  StatAccumulator::Options& stats = options.stats;
  const std::string address = settings.text("address", "127.0.0.1:8125");
  const absl::Status status = check_udp_address(address, limits.reach);
  if (!status.ok()) {
    if (settings.has("address")) settings.refuse_at("address", 0, std::string(status.message()));
  }
  options.max_frame = limits.max_frame;
  options.max_datagram = settings.bytes("max_datagram", {64, 65507, options.max_datagram});
  options.message_type = settings.text("message_type", options.message_type);
  options.logger = settings.text("logger", options.logger);
  stats.interval_seconds =
      std::chrono::duration_cast<std::chrono::seconds>(
          settings.duration("ticker_interval", {std::chrono::seconds(1), std::chrono::hours(24),
                                                std::chrono::seconds(10)}))
          .count();
  stats.emits_in_payload = settings.flag("emit_in_payload", true);
  stats.emits_in_fields = settings.flag("emit_in_fields", false);
  if (!stats.emits_in_payload && !stats.emits_in_fields) {
    settings.refuse("emit_in_payload",
                    "leaves nothing to emit; set emit_in_payload or emit_in_fields to true");
  }
  stats.percentiles.clear();
  for (const std::int64_t percent : settings.integers("percent_threshold", {1, 100, 90})) {
    stats.percentiles.push_back(static_cast<int>(percent));
  }
  stats.has_legacy_names = settings.flag("legacy_namespaces", false);
  stats.global_prefix = settings.text("global_prefix", stats.global_prefix);
  stats.counter_prefix = settings.text("counter_prefix", stats.counter_prefix);
  stats.timer_prefix = settings.text("timer_prefix", stats.timer_prefix);
  stats.gauge_prefix = settings.text("gauge_prefix", stats.gauge_prefix);
  stats.statsd_prefix = settings.text("statsd_prefix", stats.statsd_prefix);
  stats.deletes_idle = settings.flag("delete_idle_stats", false);
  stats.max_names =
      static_cast<std::size_t>(settings.integer("max_names", {1, 10'000'000, 100'000}));
  return [address, options, limits]() -> absl::StatusOr<std::vector<std::unique_ptr<Input>>> {
    auto input = StatsdInput::open(address, limits.reach, options);
    if (!input.ok()) return input.status();
    std::vector<std::unique_ptr<Input>> inputs;
    inputs.push_back(*std::move(input));
    return inputs;
  };
}

}  // namespace metlog
