// A shared object with one method: `deploy` sends an event with the fields that its configuration
// names. libdeploy_plugin.so:deploy is what a configuration calls it.

#include <metlog/plugin_abi.h>

#include <string>

namespace {

struct Deploy {
  const metlog_host* host;
  std::string fields;  // as JSON, the way the configuration gave them
};

metlog_text text(const std::string& of) { return {of.data(), of.size()}; }

int create(const metlog_host* host, metlog_text parameters, void** instance,
           const metlog_answer* answer) {
  const std::string fields(parameters.data, parameters.size);
  if (fields == "{}") {
    answer->set(answer->context, text("says nothing about the deployment; try version = 1.2"));
    return METLOG_PLUGIN_ERROR;
  }
  *instance = new Deploy{host, fields};
  return METLOG_PLUGIN_OK;
}

void destroy(void* instance) { delete static_cast<Deploy*>(instance); }

metlog_text method_name(void*) { return {"deploy", 6}; }

int call(void* instance, metlog_client* client, metlog_text, const metlog_answer* answer) {
  const auto* const deploy = static_cast<const Deploy*>(instance);
  const std::string arguments =
      R"({"positional":["deploy"],"named":{"fields":)" + deploy->fields + "}}";
  return deploy->host->call(client, {"metlog", 6}, text(arguments), answer);
}

}  // namespace

extern "C" {
extern const metlog_provider deploy;
const metlog_provider deploy = {METLOG_PLUGIN_MAGIC,
                                METLOG_PLUGIN_ABI,
                                METLOG_PLUGIN_METHOD,
                                sizeof(metlog_provider),
                                create,
                                destroy,
                                method_name,
                                call,
                                nullptr,
                                nullptr,
                                nullptr,
                                nullptr};
}
