#include "metlog/internal/flush/formatting.h"

#include "metlog/internal/text/indented_json.h"

namespace metlog {

std::optional<std::string> Formatting::text_of(std::string_view envelope, std::int64_t utc_ns) {
  if (formatter_.format() == MessageFormat::kIndented) return indented_json(envelope);
  const std::optional<Message> message = reader_.read(envelope, utc_ns);
  if (!message.has_value()) return std::nullopt;
  try {
    return formatter_.function()(*message, envelope);
  } catch (...) {
    // Whatever the user's function throws: the caller has long returned, so the ledger tells it.
    return std::nullopt;
  }
}

}  // namespace metlog
