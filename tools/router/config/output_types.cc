#include "tools/router/config/output_types.h"

#include <string>
#include <utility>

#include "metlog/formatter.h"
#include "metlog/internal/base/url.h"
#include "metlog/internal/flush/destination_url.h"
#include "metlog/make_sender.h"
#include "tools/router/config/endpoint_types.h"

namespace metlog {
namespace {

/// The name of the encoder; empty for the type's own, and where it is wrong.
std::string encoder_name(Settings& settings) {
  if (!settings.has("encoder")) return "json";
  return settings.is_table("encoder") ? settings.table("encoder")->text("type")
                                      : settings.text("encoder");
}

/// The sender of a URL that was read from `key`.
OpenSender sender_of(Settings& settings, std::string_view key, const absl::StatusOr<Url>& url) {
  absl::Status status = url.status();
  if (status.ok()) status = check_sender(*url);
  if (!status.ok()) {
    settings.refuse_at(key, 0, std::string(status.message()));
    return {};
  }
  return [url = *url] { return make_sender(url); };
}

/// `url = "..."`: what metlog::open() takes.
OpenSender read_url(Settings& settings, Output::Options&) {
  const std::string text = settings.required_text("url", "udp://127.0.0.1:5565");
  if (text.empty()) return {};
  const absl::StatusOr<Url> url = sender_url(text);
  if (url.ok() && format_of(*url).has_value()) {
    settings.refuse_at("url", 0,
                       "is a destination of programs; write type = \"syslog\" or \"statsd\"");
    return {};
  }
  // Readers of batched frames expect JSON lines.
  if (url.ok() && encoder_name(settings) != "json") {
    Url checked = *url;
    const absl::StatusOr<Formatter> format = take_format(checked, MessageFormat::kText);
    if (!format.ok()) {
      settings.refuse_at("url", 0, std::string(format.status().message()));
      return {};
    }
  }
  return sender_of(settings, "url", url);
}

OpenSender read_stdout(Settings&, Output::Options&) {
  return [] { return make_sender("stdout:"); };
}

OpenSender read_null(Settings&, Output::Options&) {
  return [] { return make_sender("null:"); };
}

MakeEncoder read_json(Settings&) {
  return [] { return std::make_unique<JsonLinesEncoder>(); };
}

}  // namespace

const std::vector<OutputType>& output_types() {
  static const auto& types = *new std::vector<OutputType>{
      {"elasticsearch", "json", read_elasticsearch},
      {"file", "json", read_file_output},
      {"http", "json", read_http},
      {"loki", "json", read_loki},
      {"null", "json", read_null},
      {"otlp", "json", read_otlp},
      {"prometheus", "json", read_prometheus_output},
      {"sentry", "json", read_sentry},
      {"statsd", "statsd", read_statsd_output},
      {"stdout", "json", read_stdout},
      {"syslog", "rfc5424", read_syslog_output},
      {"tcp", "json", read_tcp_output},
      {"url", "json", read_url},
  };
  return types;
}

const std::vector<EncoderType>& encoder_types() {
  static const auto& types = *new std::vector<EncoderType>{
      {"cef", {}, read_cef_encoder},
      {"ecs", {}, read_ecs_encoder},
      {"gelf", {}, read_gelf_encoder},
      {"json", {}, read_json},
      {"logfmt", {}, read_logfmt_encoder},
      {"otel", {}, read_otel_encoder},
      {"pattern", {}, read_pattern_encoder},
      {"rfc3164", {}, read_rfc3164_encoder},
      {"rfc5424", {}, read_rfc5424_encoder},
      {"sentry_datagram", {}, read_sentry_datagram},
      {"statsd", {"counter", "timer"}, read_statsd_encoder},
      {"text", {}, read_text_encoder},
  };
  return types;
}

}  // namespace metlog
