#include "metlog/internal/config/environment.h"

#include <cstdlib>

namespace metlog {

std::optional<std::string> process_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr || name.find('\0') != std::string::npos) return std::nullopt;
  return value;
}

}  // namespace metlog
