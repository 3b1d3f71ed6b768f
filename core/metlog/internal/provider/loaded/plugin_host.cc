#include "metlog/internal/provider/loaded/plugin_host.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/config/json_reader.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/provider/loaded/plugin_message.h"
#include "metlog/plugin.h"

namespace metlog {
namespace {

void set_text(void* context, metlog_text text) {
  // Out of memory is no reason to unwind through a stranger's stack: the text is then missing.
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

}  // namespace metlog
