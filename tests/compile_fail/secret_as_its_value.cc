// Must mention: metlog::secret<
#include "metlog/secret.h"

#include <string>

std::string call(const metlog::secret<std::string>& token) { return token; }
