#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/sender.h"
#include "tools/router/http/body_encoder.h"

namespace metlog {

/// Messages of one batch that are sent together, until each is settled.
struct HttpBody {
  using TimePoint = std::chrono::steady_clock::time_point;
  using Indexes = std::vector<std::uint32_t>;

  std::uint64_t id = 0;
  Batch* batch = nullptr;
  Indexes items;  // not settled, ascending; empty for a body that is to be removed

  // What is sent.
  std::string key;         // of this body in all its requests
  std::string text;        // unless the body is in the batch as it is
  std::string_view bytes;  // empty before it is made
  std::vector<std::string> headers;

  // What came of it.
  bool in_flight = false;
  bool may_have_arrived = false;
  std::uint32_t attempts = 0;  // requests with these messages, those of larger bodies included
  std::uint32_t failures = 0;  // of this body
  std::optional<TimePoint> first_start;
  TimePoint due;
  std::shared_ptr<std::uint32_t> splits_left;  // shared by the bodies that were cut from one
};

/// Makes what a request sends of a body's messages. Used by one thread.
class BodyMaker {
 public:
  struct Options {
    std::string key_header = "Idempotency-Key";  // none when empty
    int gzip_level = 0;                          // 1 to 9; 0 does not compress
  };

  BodyMaker(std::unique_ptr<BodyEncoder> encoder, Options options);

  /// True when the body is to be made before its next request.
  [[nodiscard]] bool is_needed(const HttpBody& body) const {
    return body.bytes.empty() || encoder_->is_dated();
  }
  /// Sets what is sent: a view of the batch where that will do, else the body's text. Returns the
  /// messages that have no form in it.
  HttpBody::Indexes make(HttpBody& body);

 private:
  std::string_view plain_text(const HttpBody& body, HttpBody::Indexes& without_form);

  const std::unique_ptr<BodyEncoder> encoder_;
  const Options options_;
  std::optional<Gzip> gzip_;
  std::string scratch_;  // a body before it is compressed
};

}  // namespace metlog
