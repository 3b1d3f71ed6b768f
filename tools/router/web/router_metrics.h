#pragma once

#include <string>
#include <string_view>

#include "tools/router/web/router_status.h"

namespace metlog {

/// metlogd's own metrics, as Prometheus reads them: the counts of the ledger by their names there,
/// metlogd_..._total. docs/router.md lists them. Inputs of one endpoint are one series, as are
/// outputs of one name and URL.
std::string router_metrics(const RouterStatus& status, std::string_view version);

}  // namespace metlog
