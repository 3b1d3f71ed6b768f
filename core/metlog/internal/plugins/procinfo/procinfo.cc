// The method `procinfo` and its typed form.

#include "metlog/procinfo.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/typed_value.h"
#include "metlog/internal/plugins/plugins.h"
#include "metlog/internal/plugins/procinfo/connections.h"
#include "metlog/internal/plugins/procinfo/process_files.h"
#include "metlog/internal/plugins/procinfo/process_values.h"
#include "metlog/internal/provider/parameters.h"
#include "metlog/internal/python/python_text.h"

namespace metlog {
namespace {

/// Seconds since the system started, by the clock that /proc/PID/stat counts in.
double since_boot_s() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Moves what was read to its place; its error is returned.
template <class T, class Place>
absl::Status keep(absl::StatusOr<T> read, Place& place) {
  if (!read.ok()) return read.status();
  place = *std::move(read);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ConnectionCount>> read_net(const ProcessFiles& process,
                                                      const std::vector<std::string>& servers) {
  std::vector<std::string> numeric;
  for (const std::string& server : servers) {
    absl::StatusOr<std::string> address = numeric_address(server);
    if (!address.ok()) return address.status();
    numeric.push_back(*std::move(address));
  }
  const absl::StatusOr<std::vector<Connection>> connections = connections_of(process);
  if (!connections.ok()) return connections.status();
  return count_connections(*connections, numeric);
}

absl::Status read_times(const ProcessFiles& process, const ProcInfo& what,
                        ProcessReading& reading) {
  const absl::StatusOr<ProcessStat> stat = process.stat();
  if (!stat.ok()) return stat.status();
  if (what.cpu) reading.cpu = stat->cpu;
  if (what.busy) {
    reading.busy = {stat->cpu.user_s + stat->cpu.sys_s,
                    std::max(0.0, since_boot_s() - stat->start_s)};
  }
  return absl::OkStatus();
}

absl::StatusOr<ProcessReading> read(const ProcessFiles& process, const ProcInfo& what) {
  ProcessReading reading;
  absl::Status status = read_times(process, what, reading);  // also shows that it is there
  if (what.net) status.Update(keep(read_net(process, what.server_addr), reading.net));
  if (what.io) status.Update(keep(process.io(), reading.io));
  if (what.mem) status.Update(keep(process.memory(), reading.memory));
  if (what.threads) status.Update(keep(process.threads(), reading.threads));
  if (!status.ok()) return status;
  return reading;
}

}  // namespace

absl::Status send_procinfo(Client& client, const ProcInfo& what) {
  if (!(what.cpu || what.io || what.mem || what.threads || what.busy || what.net))
    return absl::OkStatus();
  const std::int64_t pid = what.pid != 0 ? what.pid : ::getpid();
  const absl::StatusOr<ProcessReading> reading = read(ProcessFiles("/proc", pid), what);
  if (!reading.ok()) return reading.status();
  char host[256] = {};
  const bool has_host = ::gethostname(host, sizeof host - 1) == 0;
  send_values(client, values_of(*reading), has_host ? host : "localhost", pid);
  return absl::OkStatus();
}

// The method, called by name.
namespace {

const Parameters& parameters_of_procinfo() {
  static const auto* const kParameters = new Parameters{
      "procinfo()", {"pid", "net", "io", "cpu", "mem", "threads", "busy", "server_addr"}, 0};
  return *kParameters;
}

absl::Status read_flag(std::string_view name, const Value& value, bool& flag) {
  if (value.is_null()) return absl::OkStatus();
  if (value.as_bool() == nullptr && value.as_integer() == nullptr) {
    return value_error(name, value, "procinfo() takes true or false here");
  }
  flag = value.as_bool() != nullptr ? *value.as_bool() : *value.as_integer() != 0;
  return absl::OkStatus();
}

absl::StatusOr<Value> call_procinfo(Client& client, const Arguments& arguments) {
  const Parameters& parameters = parameters_of_procinfo();
  const auto bound = parameters.bind(arguments);
  if (!bound.ok()) return bound.status();
  ValueMap given;
  ProcInfo what;
  const std::pair<std::string_view, bool*> flags[] = {
      {"net", &what.net}, {"io", &what.io},           {"cpu", &what.cpu},
      {"mem", &what.mem}, {"threads", &what.threads}, {"busy", &what.busy}};
  for (std::size_t i = 0; i < bound->size(); ++i) {
    const Value* const value = (*bound)[i];
    if (value != nullptr && !value->is_null()) given.set(parameters.names[i], *value);
  }
  for (const auto& [name, flag] : flags) {
    const Value* const value = given.find(name);
    if (value == nullptr) continue;
    if (absl::Status status = read_flag(name, *value, *flag); !status.ok()) return status;
  }
  absl::Status status = keep(integer_or(given, "pid", 0, {0, INT32_MAX}), what.pid);
  status.Update(keep(text_list_or_empty(given, "server_addr"), what.server_addr));
  if (status.ok()) status = send_procinfo(client, what);
  if (!status.ok()) return status;
  return Value();
}

}  // namespace

absl::StatusOr<Plugin> make_procinfo(const ValueMap& parameters) {
  ValueMap unexpected = parameters;
  for (const ValueEntry& entry : parameters) {
    const ValueOrigin* const origin = entry.value.origin();
    const bool counts =
        !entry.value.is_null() && (origin == nullptr || origin->section != "DEFAULT");
    if (!counts) unexpected.erase(entry.key);
  }
  if (!unexpected.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Invalid arguments: ", python_repr(unexpected),
                     "; procinfo takes its choice where it is called"));
  }
  return Plugin{"procinfo", call_procinfo};
}

}  // namespace metlog
