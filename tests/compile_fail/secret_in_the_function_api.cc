// Must mention: metlog::secret<
#include "metlog/log.h"
#include "metlog/secret.h"

void call(metlog::Client& log, const metlog::secret<std::string>& token) { log.info(token); }
