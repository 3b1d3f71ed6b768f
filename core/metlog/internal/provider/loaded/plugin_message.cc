#include "metlog/internal/provider/loaded/plugin_message.h"

#include <utility>

#include "absl/status/statusor.h"
#include "metlog/internal/config/json_reader.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/provider/loaded/plugin_host.h"

namespace metlog {

metlog_text PluginMessage::keep(std::string text) {
  return c_text(kept_.emplace_back(std::move(text)));
}

metlog_text PluginMessage::text_of(const metlog_message* message, metlog_text key) {
  metlog_text found = {nullptr, 0};
  std::string error;
  guarded(error, [&] {
    PluginMessage& self = from(message);
    const std::string_view name = view_of(key);
    const Value& payload = self.message_.payload();
    if (name == "type") {
      found = self.keep(self.message_.type());
    } else if (name == "logger") {
      found = self.keep(self.message_.logger());
    } else if (name == "payload") {
      found = self.keep(payload.as_text() != nullptr ? *payload.as_text() : to_json(payload));
    } else if (const Value* const field = self.message_.fields().find(name)) {
      found = self.keep(to_json(*field));
    }
    return METLOG_PLUGIN_OK;
  });
  return found;
}

std::int32_t PluginMessage::severity_of(const metlog_message* message) {
  return static_cast<std::int32_t>(from(message).message_.severity());
}

int PluginMessage::set_text(metlog_message* message, metlog_text key, metlog_text value) {
  std::string error;
  return guarded(error, [&] {
    Message& to = from(message).message_;
    const std::string_view name = view_of(key);
    if (name == "type") {
      to.set_type(std::string(view_of(value)));
    } else if (name == "logger") {
      to.set_logger(std::string(view_of(value)));
    } else if (name == "payload") {
      to.set_payload(view_of(value));
    } else {
      absl::StatusOr<Value> field = parse_json(view_of(value), "<field>");
      if (!field.ok()) return static_cast<int>(METLOG_PLUGIN_ERROR);
      to.change_fields().set(name, *std::move(field));
    }
    return static_cast<int>(METLOG_PLUGIN_OK);
  });
}

void PluginMessage::set_severity(metlog_message* message, std::int32_t severity) {
  from(message).message_.set_severity(severity);
}

}  // namespace metlog
