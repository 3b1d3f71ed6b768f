#include "metlog/internal/provider/loaded/plugin_host.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/config/json_reader.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/plugin.h"

namespace metlog {
namespace {

void set_text(void* context, metlog_text text) {
  // Out of memory must not unwind through the library's stack: the text is then missing.
  std::string error;
  guarded(error, [&] {
    *static_cast<std::string*>(context) = view_of(text);
    return METLOG_PLUGIN_OK;
  });
}

void give(const metlog_answer* answer, std::string_view text) {
  if (answer != nullptr && answer->set != nullptr) answer->set(answer->context, c_text(text));
}

absl::StatusOr<Arguments> arguments_of(std::string_view json) {
  absl::StatusOr<Value> value = parse_json(json, "<arguments>");
  if (!value.ok()) return value.status();
  const absl::Status wrong = absl::InvalidArgumentError(
      R"(arguments are {"positional":[...],"named":{...}}, either of which may be missing)");
  if (value->as_map() == nullptr) return wrong;
  Arguments arguments;
  for (const ValueEntry& entry : *value->as_map()) {
    if (entry.key == "positional" && entry.value.as_list() != nullptr) {
      arguments.positional = *entry.value.as_list();
    } else if (entry.key == "named" && entry.value.as_map() != nullptr) {
      arguments.named = *entry.value.as_map();
    } else {
      return wrong;
    }
  }
  return arguments;
}

int call(metlog_client* client, metlog_text method, metlog_text arguments,
         const metlog_answer* answer) {
  std::string error;
  const int result = guarded(error, [&] {
    const absl::StatusOr<Arguments> given = arguments_of(view_of(arguments));
    absl::StatusOr<Value> called =
        given.ok() ? call_method(*reinterpret_cast<Client*>(client), view_of(method), *given)
                   : given.status();
    if (called.ok()) {
      give(answer, to_json(*called));
      return METLOG_PLUGIN_OK;
    }
    error = std::string(called.status().message());
    return METLOG_PLUGIN_ERROR;
  });
  if (result != METLOG_PLUGIN_OK) give(answer, error);
  return result;
}

}  // namespace

metlog_answer answer_into(std::string& text) { return {set_text, &text}; }

const metlog_host g_plugin_host = {
    METLOG_PLUGIN_ABI,          sizeof(metlog_host),        call,
    PluginMessage::text_of,     PluginMessage::severity_of, PluginMessage::set_text,
    PluginMessage::set_severity};

metlog_text PluginMessage::keep(std::string text) {
  return c_text(owned_texts_.emplace_back(std::move(text)));
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
