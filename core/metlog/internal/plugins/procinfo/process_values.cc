#include "metlog/internal/plugins/procinfo/process_values.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

namespace metlog {

std::vector<ProcessValue> values_of(const ProcessReading& reading) {
  std::vector<ProcessValue> values;
  for (const ConnectionCount& one : reading.net) values.push_back({"net", one.key, one.count, 1});
  if (const auto& io = reading.io; io.has_value()) {
    values.push_back({"io", "read_bytes", io->read_bytes});
    values.push_back({"io", "write_bytes", io->write_bytes});
    values.push_back({"io", "read_count", io->read_count});
    values.push_back({"io", "write_count", io->write_count});
  }
  if (const auto& cpu = reading.cpu; cpu.has_value()) {
    values.push_back({"cpu", "user", cpu->user_s});
    values.push_back({"cpu", "sys", cpu->sys_s});
  }
  if (const auto& memory = reading.memory; memory.has_value()) {
    values.push_back({"meminfo", "pcnt", memory->percent});
    values.push_back({"meminfo", "rss", memory->rss_bytes});
    values.push_back({"meminfo", "vms", memory->vms_bytes});
  }
  for (const ThreadTimes& thread : reading.threads) {
    values.push_back({"thread", absl::StrCat(thread.id, ".sys"), thread.cpu.sys_s});
    values.push_back({"thread", absl::StrCat(thread.id, ".user"), thread.cpu.user_s});
  }
  if (const auto& busy = reading.busy; busy.has_value()) {
    const double ratio = busy->uptime_s > 0 ? busy->cpu_s / busy->uptime_s : 0.0;
    values.push_back({"busy", "total_cpu", busy->cpu_s, 1});
    values.push_back({"busy", "uptime", busy->uptime_s});
    values.push_back({"busy", "pcnt", ratio});
  }
  return values;
}

void send_values(Client& client, const std::vector<ProcessValue>& values, std::string_view host,
                 std::int64_t pid) {
  std::string process = absl::StrCat(".", absl::string_view(host.data(), host.size()));
  std::replace(process.begin() + 1, process.end(), '.', '_');
  absl::StrAppend(&process, ".", pid);
  for (const ProcessValue& one : values) {
    const std::string logger =
        absl::StrCat("psutil.", absl::string_view(one.group.data(), one.group.size()), process);
    client.metlog("procinfo",
                  {.fields = {{"logger", logger}, {"name", one.name}, {"rate", one.rate}}},
                  one.value);
  }
}

}  // namespace metlog
