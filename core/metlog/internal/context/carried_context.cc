#include "metlog/coroutine_context.h"

#include "metlog/internal/context/thread_context.h"

namespace metlog {

// A stack of its own: the caller's scopes may be left before the coroutine goes on.
CarriedContext::CarriedContext()
    : stack_(new ContextScope({}, Ref<const ContextContents>::share(thread_context()))) {}

CarriedContext::~CarriedContext() {
  suspend();
  const auto last = Ref<ContextScope>::adopt(stack_);
}

void CarriedContext::resume() noexcept {
  if (is_in_force_) return;
  is_in_force_ = true;
  auto own = Ref<ContextScope>::adopt(std::exchange(stack_, nullptr));
  threads_ = exchange_context(std::move(own)).release();
}

void CarriedContext::suspend() noexcept {
  if (!is_in_force_) return;
  is_in_force_ = false;
  auto threads = Ref<ContextScope>::adopt(std::exchange(threads_, nullptr));
  stack_ = exchange_context(std::move(threads)).release();
}

}  // namespace metlog
