#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/client.h"
#include "metlog/internal/plugins/procinfo/connections.h"
#include "metlog/internal/plugins/procinfo/process_files.h"
#include "metlog/value.h"

namespace metlog {

/// What was read of a process; absent is what was not asked for.
struct ProcessReading {
  struct Busy {
    double cpu_s = 0;
    double uptime_s = 0;
  };
  std::vector<ConnectionCount> net = {};
  std::optional<IoCounts> io = std::nullopt;
  std::optional<CpuTimes> cpu = std::nullopt;
  std::optional<MemorySizes> memory = std::nullopt;
  std::vector<ThreadTimes> threads = {};
  std::optional<Busy> busy = std::nullopt;
};

/// One value, of one message.
struct ProcessValue {
  std::string_view group;  // "cpu", "meminfo", ...
  std::string name;
  Value value;      // a number
  Value rate{"1"};  // of two groups it is the number 1, as in the original
};

std::vector<ProcessValue> values_of(const ProcessReading& reading);

/// Sends a message for each, of the process `pid` on `host`.
void send_values(Client& client, const std::vector<ProcessValue>& values, std::string_view host,
                 std::int64_t pid);

}  // namespace metlog
