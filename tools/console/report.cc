#include "tools/console/report.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

namespace metlog {

void report(std::string_view text, std::string_view program) {
  const std::string line = fmt::format("{}: {}\n", program, text);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

int refuse(std::string_view option, const absl::Status& status) {
  report(fmt::format("{}: {}", option, std::string(status.message())));
  return kExitUsage;
}

}  // namespace metlog
