#include "metlog/internal/flush/loss_message.h"

#include <algorithm>

#include "metlog/internal/text/timestamp_text.h"
#include "metlog/severity.h"

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
                           const std::vector<EngineField>& detail) {
  const std::string reason(name_of(loss.reason));
  const std::string count = std::to_string(loss.count);
  EngineMessage message{"metlog.loss",
                        "lost " + count + (loss.count == 1 ? " message: " : " messages: ") + reason,
                        {{"count", count, true},
                         {"reason", reason},
                         {"first", time_text(loss.first_ns)},
                         {"last", time_text(loss.last_ns)},
                         {"session", std::string(session)}},
                        static_cast<int>(Severity::kWarning),
                        loss.last_ns};
  message.fields.insert(message.fields.end(), detail.begin(), detail.end());
  return message;
}

std::vector<EngineField> detail_of_big_record(const RegisteredSite& site, const LossMark& mark) {
  const std::string beginning(reinterpret_cast<const char*>(mark.beginning),
                              std::min<std::size_t>(mark.beginning_size, sizeof mark.beginning));
  return {{"site", site.file + ":" + std::to_string(site.line)}, {"beginning", beginning}};
}

}  // namespace metlog
