#include "metlog/internal/base/errno_status.h"

#include <cstring>

#include "absl/strings/str_cat.h"

namespace metlog {

absl::Status errno_status(int error, const std::string& what, const std::string& next_step) {
  const char* const reason = strerrordesc_np(error);
  return {absl::ErrnoToStatusCode(error),
          absl::StrCat(what, ": ", reason != nullptr ? reason : "unknown error", "; ", next_step)};
}

}  // namespace metlog
