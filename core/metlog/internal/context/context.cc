#include "metlog/context.h"

#include "metlog/coroutine_context.h"
#include "metlog/internal/context/thread_context.h"

namespace metlog {
namespace {

void leave(ContextScope* scope) {
  leave_context(*scope);
  const auto last = Ref<ContextScope>::adopt(scope);
}

}  // namespace

ScopedContext::ScopedContext(FieldList fields) : scope_(enter_context(fields, nullptr).release()) {}

ScopedContext::~ScopedContext() { leave(scope_); }

std::string_view ScopedContext::error() const { return scope_->error; }

Context::Context(const Context& other)
    : contents_(Ref<const ContextSnapshot>::share(other.contents_).release()) {}

Context::~Context() { const auto last = Ref<const ContextSnapshot>::adopt(contents_); }

Context capture_context() {
  Context context;
  context.contents_ = Ref<const ContextSnapshot>::share(thread_context()).release();
  return context;
}

AttachedContext::AttachedContext(const Context& context)
    : scope_(enter_context(Ref<const ContextSnapshot>::share(context.contents_)).release()) {}

AttachedContext::~AttachedContext() { leave(scope_); }

// A separate stack: the caller's scopes may be left before the coroutine continues.
CarriedContext::CarriedContext()
    : stack_(new ContextScope({}, Ref<const ContextSnapshot>::share(thread_context()))) {}

CarriedContext::~CarriedContext() {
  suspend();
  const auto last = Ref<ContextScope>::adopt(stack_);
}

void CarriedContext::resume() noexcept {
  if (is_in_force_) return;
  is_in_force_ = true;
  auto own = Ref<ContextScope>::adopt(std::exchange(stack_, nullptr));
  thread_stack_ = exchange_context(std::move(own)).release();
}

void CarriedContext::suspend() noexcept {
  if (!is_in_force_) return;
  is_in_force_ = false;
  auto thread_stack = Ref<ContextScope>::adopt(std::exchange(thread_stack_, nullptr));
  stack_ = exchange_context(std::move(thread_stack)).release();
}

}  // namespace metlog
