#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "tools/router/backend/otlp_logs.h"
#include "tools/router/backend/otlp_metrics.h"
#include "tools/router/backend/otlp_reader.h"
#include "tools/router/config/http_types.h"
#include "tools/router/config/output_types.h"

namespace metlog {
namespace {

/// The keys of an output to a backend whose bodies are made of messages as they were received.
void read_backend(Settings& settings, std::string_view url, HttpOutput& output) {
  output.sender.body.key_header.clear();  // no backend looks for one
  read_url(settings, url, output);
  read_requests(settings, output);
  read_headers(settings, output);
  read_body(settings, output);
  if (!is_json(settings)) {
    settings.refuse("encoder",
                    "is not for this type, which makes its bodies of the messages themselves; "
                    "leave it out");
  }
}

/// Appends what a backend's requests go to, unless the URL names it.
void add_path(HttpUrl& url, std::string_view path) {
  if (url.path == "/") url.path = path;
}

OtlpResource::Options read_resource(Settings& settings) {
  OtlpResource::Options resource;
  resource.service = settings.text("service");
  resource.attributes = settings.text_map("resource");
  for (const char* const own : {"service.name", "host.name", "process.pid"}) {
    if (resource.attributes.count(own) == 0) continue;
    settings.refuse("resource",
                    fmt::format("has {}, which is of each message; {}", own,
                                std::string_view(own) == "service.name" ? "write service = \"...\""
                                                                        : "leave it out"));
  }
  return resource;
}

}  // namespace

OpenSender read_otlp(Settings& settings, Output::Options& options) {
  using Signal = OtlpReader::Signal;
  const Signal signal = settings.one_of(
      "signals", {{"logs", Signal::kLogs}, {"metrics", Signal::kMetrics}}, Signal::kLogs);
  const bool is_metrics = signal == Signal::kMetrics;
  HttpOutput output;
  // Points of one series are to arrive in order.
  if (is_metrics) output.sender.window = 1;
  read_backend(settings, "http://127.0.0.1:4318", output);
  add_path(output.url, is_metrics ? "/v1/metrics" : "/v1/logs");
  const OtlpResource::Options resource = read_resource(settings);
  const std::vector<std::string> attributes = settings.texts("attributes");
  if (is_metrics) options.match.types = {"counter", "timer"};
  if (!is_metrics && settings.has("attributes")) {
    settings.refuse("attributes", "is of metrics; logs have all fields, so leave it out");
  }
  output.prepare(options);
  return open_with(
      std::move(output),
      [=]() -> std::unique_ptr<BodyEncoder> {
        if (is_metrics) {
          return std::make_unique<OtlpMetricsBody>(OtlpMetricsBody::Options{resource, attributes});
        }
        return std::make_unique<OtlpLogsBody>(resource);
      },
      [signal] { return std::make_unique<OtlpReader>(signal); }, options.log);
}

}  // namespace metlog
