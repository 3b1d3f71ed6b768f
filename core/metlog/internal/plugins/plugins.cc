// The plugins' names in a configuration: those of the original's modules.

#include "metlog/internal/plugins/plugins.h"

#include "metlog/providers.h"

namespace metlog {

void add_plugins(ProviderTable<PluginProvider>& table) {
  table.add("metlog_cef.cef_plugin:config_plugin", make_cef).IgnoreError();
  table.add("metlog_psutils.psutil_plugin:config_plugin", make_procinfo).IgnoreError();
  table.add("metlog_raven.raven_plugin:config_plugin", make_raven).IgnoreError();
}

}  // namespace metlog
