#include "metlog/internal/engine/waiting.h"

#include "absl/strings/str_cat.h"
#include "metlog/internal/emit/flusher_wakeup.h"
#include "metlog/internal/flush/send_queue.h"

namespace metlog {
namespace {

absl::string_view to_absl(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

absl::Status check_can_wait(std::string_view function) {
  if (!FlusherThread::is_here()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(to_absl(function),
                   " was called inside a filter, a formatter or an allocation on the thread "
                   "that runs them, for which it would have to wait; call it on another thread, "
                   "and do not wait for it"));
}

absl::Status check_can_close(std::string_view function) {
  if (absl::Status status = check_can_wait(function); !status.ok()) return status;
  if (!SendQueue::is_any_here()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(to_absl(function),
                   " was called inside a sender, whose thread it would have to "
                   "wait for; call it on another thread, and do not wait for it"));
}

}  // namespace metlog
