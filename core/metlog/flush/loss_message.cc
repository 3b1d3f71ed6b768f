#include "metlog/flush/loss_message.h"

#include <algorithm>

#include "metlog/codec/json_text.h"
#include "metlog/codec/timestamp_text.h"
#include "metlog/message/severity.h"

namespace metlog {
namespace {

std::string time_text(std::int64_t utc_ns) {
  TimestampText text;
  char out[TimestampText::kBytes];
  text.append(out, utc_ns);
  return std::string(out, sizeof out);
}

}  // namespace

EngineMessage loss_message(const LossReport& loss, std::string_view session,
                           std::string_view detail) {
  const std::string reason(name_of(loss.reason));
  const std::string count = std::to_string(loss.count);
  EngineMessage message{"metlog.loss",
                        "lost " + count + (loss.count == 1 ? " message: " : " messages: ") + reason,
                        {},
                        static_cast<int>(Severity::kWarning),
                        loss.last_ns};
  message.fields = "\"count\":" + count + ",\"reason\":\"" + reason + "\",\"first\":\"" +
                   time_text(loss.first_ns) + "\",\"last\":\"" + time_text(loss.last_ns) +
                   "\",\"session\":\"" + std::string(session) + "\"" + std::string(detail);
  return message;
}

std::string detail_of_big_record(const RegisteredSite& site, const LossMark& mark) {
  const std::string_view beginning(
      reinterpret_cast<const char*>(mark.beginning),
      std::min<std::size_t>(mark.beginning_size, sizeof mark.beginning));
  return ",\"site\":\"" + json_text(site.file) + ":" + std::to_string(site.line) +
         "\",\"beginning\":\"" + json_text(beginning) + "\"";
}

}  // namespace metlog
