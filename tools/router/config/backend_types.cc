#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "tools/router/backend/elasticsearch.h"
#include "tools/router/backend/loki.h"
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

MessageTemplate read_template(Settings& settings, std::string_view key, std::string_view text) {
  absl::StatusOr<MessageTemplate> made = MessageTemplate::parse(text);
  if (made.ok()) return *std::move(made);
  settings.refuse(key, fmt::format("is wrong: {}", std::string(made.status().message())));
  return *MessageTemplate::parse("");
}

/// A table of names and texts with parts of the message in them.
LokiBody::Labels read_labels(Settings& settings, std::string_view key) {
  LokiBody::Labels labels;
  for (const auto& [name, text] : settings.text_map(key)) {
    const bool is_name = !name.empty() &&
                         !absl::ascii_isdigit(static_cast<unsigned char>(name.front())) &&
                         std::all_of(name.begin(), name.end(), [](char c) {
                           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
                         });
    if (!is_name) {
      settings.refuse(key, fmt::format("has the name '{}'; one has letters, digits and '_' only, "
                                       "and no digit first",
                                       name));
    }
    labels.emplace_back(name, read_template(settings, key, text));
  }
  return labels;
}

}  // namespace

OpenSender read_elasticsearch(Settings& settings, Output::Options& options) {
  constexpr std::size_t kAnswerBytes = 16 * 1024 * 1024;  // of a result for each message
  HttpOutput output;
  read_backend(settings, "http://127.0.0.1:9200", output);
  if (!output.url.path.ends_with('/')) output.url.path += '/';
  output.url.path += "_bulk";
  if (output.url.query.empty()) {
    output.url.query = "?filter_path=errors,items.*.status,items.*.error";
  }
  output.http.answer_bytes = kAnswerBytes;
  const MessageTemplate index =
      read_template(settings, "index", settings.text("index", "logs-metlog-default"));
  output.prepare(options);
  return open_with(
      output, [index] { return std::make_unique<BulkBody>(index); },
      [] { return std::make_unique<BulkReader>(); }, options.log);
}

OpenSender read_loki(Settings& settings, Output::Options& options) {
  using Line = LokiBody::Line;
  constexpr std::size_t kMaxLabels = 15;  // Loki's own preset
  HttpOutput output;
  output.sender.window = 1;  // the entries of a stream are to arrive in order
  read_backend(settings, "http://127.0.0.1:3100", output);
  add_path(output.url, "/loki/api/v1/push");
  LokiBody::Options body;
  body.labels = read_labels(settings, "labels");
  if (!settings.has("labels")) {
    for (const auto& [name, text] :
         {std::pair{"host", "%{Hostname}"}, {"job", "metlog"}, {"level", "%{Level}"}}) {
      body.labels.emplace_back(name, *MessageTemplate::parse(text));
    }
  } else if (body.labels.empty() || body.labels.size() > kMaxLabels) {
    settings.refuse(
        "labels", fmt::format("has {} labels; Loki takes 1 to {}", body.labels.size(), kMaxLabels));
  }
  body.metadata = read_labels(settings, "structured_metadata");
  body.line = settings.one_of(
      "line", {{"json", Line::kJson}, {"logfmt", Line::kLogfmt}, {"payload", Line::kText}},
      Line::kJson);
  output.prepare(options);
  return open_with(
      output, [body] { return std::make_unique<LokiBody>(body); },
      [] { return std::make_unique<LokiReader>(); }, options.log);
}

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
      output,
      [=]() -> std::unique_ptr<BodyEncoder> {
        if (is_metrics) {
          return std::make_unique<OtlpMetricsBody>(OtlpMetricsBody::Options{resource, attributes});
        }
        return std::make_unique<OtlpLogsBody>(resource);
      },
      [signal] { return std::make_unique<OtlpReader>(signal); }, options.log);
}

}  // namespace metlog
