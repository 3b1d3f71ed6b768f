#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tools/router/decode/decoded_message.h"

namespace metlog {

/// The resource that a message of OTLP is of, as the JSON of its attributes: service.name,
/// host.name, process.pid and others that are the same for all. Keeps the last one. Used by one
/// thread.
class OtlpResource {
 public:
  struct Options {
    /// service.name; when empty the message's logger, or unknown_service.
    std::string service = {};
    std::map<std::string, std::string> attributes = {};  // of all messages
  };

  explicit OtlpResource(const Options& options);

  /// Returns `[{"key":"service.name","value":{"stringValue":"shop"}},..]`, valid until the next
  /// call.
  const std::string& attributes_of(const DecodedMessage& message);

 private:
  const std::string service_;
  std::string others_;  // each with a comma before it
  bool has_last_ = false;
  std::string logger_;
  std::string hostname_;
  std::int64_t pid_ = 0;
  std::string attributes_;  // of the last message
};

/// Appends `{"key":"key","value":{"stringValue":"text"}}`.
void append_text_attribute(std::string& out, std::string_view key, std::string_view text);

}  // namespace metlog
