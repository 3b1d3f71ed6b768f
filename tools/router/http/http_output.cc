#include "tools/router/http/http_output.h"

#include <algorithm>
#include <utility>

#include "tools/router/http/curl_client.h"

namespace metlog {

void HttpOutput::prepare(Output::Options& options) const {
  options.queue.batch_bytes = sender.body_bytes;
  options.queue.batch_count = sender.window + 2;
  options.linger = linger;
  options.log = std::make_shared<DeliveryLog>(options.name.empty() ? url.shown() : options.name,
                                              options.dead_letters);
}

absl::StatusOr<std::unique_ptr<Sender>> HttpOutput::open(std::unique_ptr<BodyEncoder> encoder,
                                                         std::unique_ptr<AnswerReader> reader,
                                                         std::shared_ptr<DeliveryLog> log) const {
  HttpSettings settings = http;
  settings.connections = sender.window;
  absl::StatusOr<std::unique_ptr<HttpClient>> client = CurlClient::open(url, std::move(settings));
  if (!client.ok()) return client.status();
  HttpSender::Options options = sender;
  options.url = url.shown();
  HttpSender::Parts parts;
  parts.client = *std::move(client);
  parts.encoder = std::move(encoder);
  parts.reader = std::move(reader);
  parts.log = std::move(log);
  return std::make_unique<HttpSender>(std::move(options), std::move(parts));
}

}  // namespace metlog
