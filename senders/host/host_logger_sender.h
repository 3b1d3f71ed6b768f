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

/// Passes messages to a logger of another library in the program: for some types only the payload,
/// for others the envelope as JSON. It reads envelopes, so its client's format is JSON.
///
/// The client's filters select the types. A message of another type that arrives nevertheless is
/// lost as kRefused; the engine's own messages are always logged.
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
    std::string name;  // as in the configuration
    Types payload_types;
    Types json_types;
  };
  explicit HostLoggerSender(Parts parts);

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  [[nodiscard]] std::string_view url() const override { return url_; }

 private:
  bool log_envelope(std::string_view envelope, Batch::Origin origin);
  void log(std::int64_t severity, std::string_view text);

  const Parts parts_;
  const std::string url_;
  EnvelopeReader reader_;
};

/// syslog(3), as the program has opened it; otherwise with the program's name and LOG_USER. A
/// message's severity is its priority, LOG_WARNING if out of range. A NUL byte ends the text, as
/// syslog's interface requires. Registered as "syslog".
HostLogger syslog_logger();

/// The priority of a record, without a facility.
int syslog_priority(const HostRecord& record);

}  // namespace metlog
