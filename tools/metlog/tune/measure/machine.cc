#include "tools/metlog/tune/measure/machine.h"

#include <sys/utsname.h>

#include <fstream>
#include <thread>

namespace metlog {
namespace {

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t at = line.find(": ");
    if (at != std::string::npos) return line.substr(at + 2);
  }
  return "unknown processor";
}

}  // namespace

Machine this_machine() {
  Machine machine;
  machine.cpu = cpu_name();
  machine.processors = std::thread::hardware_concurrency();
  utsname name{};
  if (uname(&name) == 0) {
    machine.kernel = std::string(name.sysname) + ' ' + name.release + ' ' + name.machine;
  }
  return machine;
}

}  // namespace metlog
