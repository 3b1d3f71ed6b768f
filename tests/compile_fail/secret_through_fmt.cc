// Must mention: Cannot format an argument
#include <fmt/format.h>

#include "metlog/secret.h"

std::string call(const metlog::secret<std::string>& token) { return fmt::format("{}", token); }
