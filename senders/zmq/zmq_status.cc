#include "senders/zmq/zmq_status.h"

#include <zmq.h>

#include "absl/strings/str_cat.h"

namespace metlog {

absl::Status zmq_status(const std::string& what) {
  const int error = ::zmq_errno();
  return {absl::ErrnoToStatusCode(error), absl::StrCat(what, ": ", ::zmq_strerror(error))};
}

}  // namespace metlog
