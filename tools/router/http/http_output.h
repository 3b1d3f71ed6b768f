#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "metlog/sender.h"
#include "tools/router/http/answer_reader.h"
#include "tools/router/http/body_encoder.h"
#include "tools/router/http/http_sender.h"
#include "tools/router/http/http_settings.h"
#include "tools/router/output/output.h"

namespace metlog {

/// An output that sends requests: where to, how, and in which bodies.
struct HttpOutput {
  HttpUrl url;
  HttpSettings http;
  HttpSender::Options sender;  // its url is set by open()
  /// How long a message waits for others to share a body with.
  std::chrono::nanoseconds linger = std::chrono::seconds(1);

  /// Sets what the output needs for this sender: its batches, one for each body in work and two
  /// that are being filled; how long they wait; and its log.
  void prepare(Output::Options& options) const;
  /// Opens the sender; kUnavailable without libcurl.
  absl::StatusOr<std::unique_ptr<Sender>> open(std::unique_ptr<BodyEncoder> encoder,
                                               std::unique_ptr<AnswerReader> reader,
                                               std::shared_ptr<DeliveryLog> log) const;
};

}  // namespace metlog
