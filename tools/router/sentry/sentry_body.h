#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/router/http/body_encoder.h"
#include "tools/router/output/message_encoder.h"
#include "tools/router/sentry/dsn.h"

namespace metlog {

/// An envelope with one event, made of a message as JSON. The payload of a message of the type
/// "sentry" is an event already, as text or as base64 of its deflated text, and is passed on. Of
/// any other message becomes an event with the payload as its message, the level of its severity,
/// its fields as extra data, its type as a tag, and the trace of the fields trace_id and span_id.
/// The event's id follows from the message's stream and sequence number, unless it has one.
class EnvelopeBody final : public BodyEncoder {
 public:
  struct Options {
    std::string environment;  // of events that are made here; none when empty
    std::string release;
  };
  /// Bytes of the longest event that Sentry takes.
  static constexpr std::size_t kMaxEventBytes = 1024 * 1024;

  explicit EnvelopeBody(Options options) : options_(std::move(options)) {}

  [[nodiscard]] std::string_view content_type() const override {
    return "application/x-sentry-envelope";
  }
  bool add(const BodyItem& item, std::string& body) override;
  [[nodiscard]] bool is_dated() const override { return true; }

 private:
  const Options options_;
};

/// What the original's router sends to Sentry: the payload unchanged. The time stamp of the header
/// is the field epoch_timestamp, or the present.
class StoreBody final : public BodyEncoder {
 public:
  explicit StoreBody(Dsn dsn) : dsn_(std::move(dsn)) {}

  [[nodiscard]] std::string_view content_type() const override {
    return "application/octet-stream";
  }
  bool add(const BodyItem& item, std::string& body) override;
  [[nodiscard]] std::vector<std::string> headers() const override {
    return {"X-Sentry-Auth: " + auth_};
  }
  [[nodiscard]] bool is_dated() const override { return true; }  // `auth_` is of the last body

 private:
  const Dsn dsn_;
  std::string auth_;
};

/// The same as a datagram: the header's value, an empty line and the payload.
class StoreDatagramEncoder final : public MessageEncoder {
 public:
  explicit StoreDatagramEncoder(Dsn dsn) : dsn_(std::move(dsn)) {}

  bool encode(const DecodedMessage& message, Batch& batch) override;

 private:
  const Dsn dsn_;
};

}  // namespace metlog
