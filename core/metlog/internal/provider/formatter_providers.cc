// The formatters that are there by name from the beginning.

#include <string>

#include "metlog/internal/config/json_writer.h"
#include "metlog/providers.h"

namespace metlog {
namespace {

/// The payload alone: a text as it is, anything else as JSON.
std::string payload_text(const Message& message, std::string_view) {
  const std::string* const text = message.payload().as_text();
  return text != nullptr ? *text : to_json(message.payload());
}

}  // namespace

void add_formatters(ProviderTable<Formatter>& table) {
  table.add("metlog.formatters.json", MessageFormat::kJson).IgnoreError();
  table.add("metlog.formatters.indented", MessageFormat::kIndented).IgnoreError();
  table.add("metlog.formatters.text", MessageFormat::kText).IgnoreError();
  table.add("metlog.formatters.payload", payload_text).IgnoreError();
}

}  // namespace metlog
