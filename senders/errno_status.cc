#include "senders/errno_status.h"

#include <system_error>

#include "absl/strings/str_cat.h"

namespace metlog {

absl::Status errno_status(int error, const std::string& what, const std::string& next_step) {
  return {absl::ErrnoToStatusCode(error),
          absl::StrCat(what, ": ", std::system_category().message(error), "; ", next_step)};
}

}  // namespace metlog
