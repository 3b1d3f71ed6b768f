#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/host_logger.h"
#include "metlog/internal/codec/envelope_reader.h"
#include "metlog/sender.h"

namespace metlog {

/// Gives messages to a logger of a library that the program has beside metlog: of some types the
/// payload alone, of others the envelope as JSON. Reads envelopes, so its client's format is JSON.
///
/// The types that are given at all are its client's filters' business. What arrives nevertheless
/// and is of none is lost as kRefused; the engine's own messages are always given.
class HostLoggerSender final : public Sender {
 public:
  /// Types of messages; `*` among them means all.
  class Types {
   public:
    explicit Types(const std::vector<std::string>& types) : types_(types.begin(), types.end()) {}
    [[nodiscard]] bool has(std::string_view type) const {
      return types_.contains("*") || types_.contains(type);
    }

   private:
    std::set<std::string, std::less<>> types_;
  };

  struct Parts {
    std::shared_ptr<const HostLogger> logger;
    std::string name;  // as the configuration has it
    Types payload_types;
    Types json_types;
  };
  explicit HostLoggerSender(Parts parts);

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  [[nodiscard]] std::string_view url() const override { return url_; }

 private:
  bool give(std::string_view envelope, Batch::Origin origin);
  void log(std::int64_t severity, std::string_view text);

  const Parts parts_;
  const std::string url_;
  EnvelopeReader reader_;
};

/// syslog(3), as the program has opened it, or by its name and as LOG_USER where it has not. A
/// message's severity is syslog's own; one that is none is LOG_WARNING. A
/// NUL byte ends the text, as its interface has it. Registered as "syslog".
HostLogger syslog_logger();

/// The priority of a record, without a facility.
int syslog_priority(const HostRecord& record);

}  // namespace metlog
