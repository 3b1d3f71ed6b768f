#include "senders/host/syslog_logger.h"

#include <syslog.h>

#include <algorithm>
#include <climits>

#include "metlog/providers.h"

namespace metlog {

int syslog_priority(const HostRecord& record) {
  const bool is_syslogs = record.severity >= LOG_EMERG && record.severity <= LOG_DEBUG;
  return is_syslogs ? static_cast<int>(record.severity) : LOG_WARNING;
}

HostLogger syslog_logger() {
  return {.log = [](const HostRecord& record) {
    const auto length = static_cast<int>(std::min<std::size_t>(record.text.size(), INT_MAX));
    ::syslog(syslog_priority(record), "%.*s", length, record.text.data());
  }};
}

void add_host_loggers(ProviderTable<HostLogger>& table) {
  table.add("syslog", syslog_logger()).IgnoreError();
}

}  // namespace metlog
