#include "tools/router/config/http_types.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "tools/router/config/output_types.h"
#include "tools/router/sentry/dsn.h"
#include "tools/router/sentry/sentry_body.h"
#include "tools/router/sentry/sentry_reader.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMib = 1024 * 1024;
constexpr std::chrono::hours kDay{24};
constexpr const char* kClient = "metlogd/" METLOG_VERSION;

std::chrono::milliseconds to_ms(std::chrono::nanoseconds time) {
  return std::chrono::ceil<std::chrono::milliseconds>(time);
}

}  // namespace

void read_requests(Settings& settings, HttpOutput& output) {
  HttpSettings& http = output.http;
  http.timeout = to_ms(settings.duration("timeout", {10ms, kDay, 30s}));
  http.connect_timeout = to_ms(settings.duration("connect_timeout", {10ms, kDay, 10s}));
  http.proxy = settings.text("proxy");
  if (!http.proxy.empty()) {
    HttpSettings proxy_only;
    proxy_only.proxy = http.proxy;
    check_requests(settings, "proxy", proxy_only);
  }
  http.ca_file = settings.text("tls_ca_file");
  http.certificate_file = settings.text("tls_certificate_file");
  http.key_file = settings.text("tls_key_file");
  http.verify_peer = settings.flag("tls_verify", true);
  if (!http.verify_peer) {
    settings.note("tls_verify", "accepts any certificate; that is for tests only");
  }
  HttpSender::Options& sender = output.sender;
  sender.window = static_cast<std::size_t>(settings.integer(
      "window", {.min = 1, .max = 256, .preset = static_cast<std::int64_t>(sender.window)}));
  RetryLimits& retry = sender.retry;
  retry.attempts =
      static_cast<std::uint32_t>(settings.integer("retry_attempts", {.min = 0, .max = 1'000'000}));
  retry.time = settings.duration("retry_time", {0s, 365 * kDay, 300s});
  retry.first_delay = settings.duration("retry_delay", {1ms, 1h, 250ms});
  retry.max_delay = settings.duration("retry_max_delay", {1ms, kDay, 30s});
  if (retry.max_delay < retry.first_delay) {
    settings.refuse("retry_max_delay", "is less than retry_delay, the first pause");
  }
  retry.max_retry_after = settings.duration("retry_after_limit", {0s, kDay, 300s});
}

void check_requests(Settings& settings, std::string_view key, const HttpSettings& http) {
  HttpSettings without_files = http;
  without_files.ca_file.clear();
  without_files.certificate_file.clear();
  without_files.key_file.clear();
  if (const absl::Status status = check(without_files); !status.ok()) {
    settings.refuse(key, fmt::format("is wrong: {}", std::string(status.message())));
  }
}

bool is_json(Settings& settings) {
  if (!settings.has("encoder")) return true;
  if (!settings.is_table("encoder")) return settings.text("encoder") == "json";
  return settings.table("encoder")->text("type", "json") == "json";
}

OpenSender open_with(const HttpOutput& output,
                     const std::function<std::unique_ptr<BodyEncoder>()>& make_encoder,
                     const std::function<std::unique_ptr<AnswerReader>()>& make_reader,
                     const std::shared_ptr<DeliveryLog>& log) {
  return [=]() -> absl::StatusOr<std::unique_ptr<Sender>> {
    if (const absl::Status status = check(output.http); !status.ok()) return status;
    return output.open(make_encoder(), make_reader(), log);
  };
}

void read_headers(Settings& settings, HttpOutput& output) {
  for (const auto& [name, value] : settings.text_map("headers")) {
    output.http.headers.push_back(fmt::format("{}: {}", name, value));
  }
  HttpSettings headers_only;
  headers_only.headers = output.http.headers;
  check_requests(settings, "headers", headers_only);
  if (!has_header(output.http.headers, "User-Agent")) {
    output.http.headers.push_back(fmt::format("User-Agent: {}", kClient));
  }
}

void read_url(Settings& settings, std::string_view example, HttpOutput& output) {
  const std::string text = settings.required_text("url", example);
  if (text.empty()) return;
  if (absl::StatusOr<HttpUrl> url = parse_http_url(text); url.ok()) {
    output.url = *std::move(url);
  } else {
    settings.refuse_at("url", 0, std::string(url.status().message()));
  }
}

void read_body(Settings& settings, HttpOutput& output) {
  HttpSender::Options& sender = output.sender;
  sender.body_bytes = settings.bytes("body_bytes", {1024, 256 * kMib, kMib});
  sender.body_messages = static_cast<std::size_t>(
      settings.integer("body_messages", {.min = 1, .max = 1'000'000, .preset = 5000}));
  sender.held_bytes = settings.bytes("in_flight_bytes",
                                     {1024, 1024 * kMib, sender.window * sender.body_bytes + kMib});
  sender.body.gzip_level = settings.one_of("compression", {{"none", 0}, {"gzip", 1}}, 0) == 0
                               ? 0
                               : static_cast<int>(settings.integer("compression_level", {1, 9, 6}));
  if (settings.has("compression_level") && sender.body.gzip_level == 0) {
    settings.refuse("compression_level", "has no effect without compression = \"gzip\"");
  }
  sender.body.key_header = settings.text("idempotency_header", sender.body.key_header);
  if (!sender.body.key_header.empty()) {
    HttpSettings key_only;
    key_only.headers = {fmt::format("{}: x", sender.body.key_header)};
    check_requests(settings, "idempotency_header", key_only);
  }
  sender.split_limit = static_cast<std::uint32_t>(
      settings.integer("split_limit", {.min = 0, .max = 10'000, .preset = 64}));
  output.linger = settings.duration("linger", {0s, 1h, 1s});
}

OpenSender read_http(Settings& settings, Output::Options& options) {
  HttpOutput output;
  read_url(settings, "https://host/path", output);
  read_requests(settings, output);
  output.http.method = settings.text("method", "POST");
  HttpSettings method_only;
  method_only.method = output.http.method;
  check_requests(settings, "method", method_only);
  read_headers(settings, output);
  read_body(settings, output);
  enum class Body : std::uint8_t { kLines, kArray };
  const Body body =
      settings.one_of("body", {{"lines", Body::kLines}, {"array", Body::kArray}}, Body::kLines);
  const bool has_json = is_json(settings);
  if (body == Body::kArray && !has_json) {
    settings.refuse("body", "is of JSON, which the encoder does not write; take \"lines\"");
  }
  output.prepare(options);
  return open_with(
      output,
      [body, has_json]() -> std::unique_ptr<BodyEncoder> {
        if (body == Body::kArray) return std::make_unique<JsonArrayBody>();
        return std::make_unique<LinesBody>(has_json ? "application/x-ndjson"
                                                    : "text/plain; charset=utf-8");
      },
      [] { return std::make_unique<StatusReader>(); }, options.log);
}

OpenSender read_sentry(Settings& settings, Output::Options& options) {
  HttpOutput output;
  Dsn dsn;
  const std::string text = settings.required_text("dsn", "https://KEY@HOST/PROJECT");
  if (!text.empty()) {
    absl::StatusOr<Dsn> parsed = parse_dsn(text);
    if (!parsed.ok()) {
      settings.refuse_at("dsn", 0, std::string(parsed.status().message()));
    } else if (parsed->scheme == "udp") {
      settings.refuse_at("dsn", 0,
                         "a DSN of udp: needs type = \"url\" and the encoder sentry_datagram");
    } else {
      dsn = *std::move(parsed);
    }
  }
  if (!is_json(settings)) {
    settings.refuse("encoder",
                    "is not for Sentry, which makes an event of the message itself; "
                    "leave it out");
  }
  enum class Endpoint : std::uint8_t { kEnvelope, kStore };
  const Endpoint endpoint =
      settings.one_of("endpoint", {{"envelope", Endpoint::kEnvelope}, {"store", Endpoint::kStore}},
                      Endpoint::kEnvelope);
  const EnvelopeBody::Options event{.environment = settings.text("environment"),
                                    .release = settings.text("release")};
  read_requests(settings, output);
  // One event a request, at once.
  output.sender.body_messages = 1;
  output.sender.body_bytes = kMib;
  output.sender.body.key_header.clear();
  output.linger = 0s;
  output.http.headers.push_back(fmt::format("User-Agent: {}", kClient));
  if (endpoint == Endpoint::kEnvelope) {
    output.url = dsn.envelope_url();
    output.http.headers.push_back(fmt::format("X-Sentry-Auth: {}", envelope_auth(dsn, kClient)));
  } else {
    output.url = dsn.store_url();
  }
  output.prepare(options);
  return open_with(
      output,
      [=]() -> std::unique_ptr<BodyEncoder> {
        if (endpoint == Endpoint::kStore) return std::make_unique<StoreBody>(dsn);
        return std::make_unique<EnvelopeBody>(event);
      },
      [] { return std::make_unique<SentryReader>(); }, options.log);
}

MakeEncoder read_sentry_datagram(Settings& settings) {
  const std::string text = settings.required_text("dsn", "udp://KEY@HOST:PORT/PROJECT");
  if (text.empty()) return {};
  absl::StatusOr<Dsn> dsn = parse_dsn(text);
  if (!dsn.ok()) {
    settings.refuse_at("dsn", 0, std::string(dsn.status().message()));
    return {};
  }
  return [dsn = *dsn] { return std::make_unique<StoreDatagramEncoder>(dsn); };
}

}  // namespace metlog
