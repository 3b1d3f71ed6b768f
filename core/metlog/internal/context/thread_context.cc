#include "metlog/internal/context/thread_context.h"

#include <utility>

#include "metlog/internal/emit/producer.h"

namespace metlog {
namespace {

// The innermost scope; owns a reference. A plain pointer, so that calls from the destructors of
// thread_locals still find it.
constinit thread_local ContextScope* t_innermost = nullptr;

// Drops the thread's scopes when it ends: one that was left on another thread is still on its
// stack.
struct ContextCleanup {
  ~ContextCleanup() { (void)exchange_context({}); }
};

// Sends the thread's next call to the cold path, which writes the new context into its ring.
void request_publication() {
  const ContextSnapshot* const contents = thread_context();
  Producer& producer = *t_producer;
  if (!producer.writer.is_attached()) return;
  if ((contents != nullptr ? contents->id() : 0) != producer.published_context)
    producer.writer.close_fast_path();
}

void skip_left(Ref<ContextScope>& scope) {
  // relaxed: see leave_context()
  while (scope.get() != nullptr && scope->is_left.load(std::memory_order_relaxed)) {
    scope = Ref<ContextScope>(scope->outer);
  }
}

Ref<ContextScope> innermost_scope() { return Ref<ContextScope>::share(t_innermost); }

Ref<ContextScope> enter(Ref<ContextScope> scope) {
  thread_local const ContextCleanup end;
  (void)&end;
  (void)exchange_context(scope);
  return scope;
}

}  // namespace

const ContextSnapshot* thread_context() {
  return t_innermost != nullptr ? t_innermost->contents.get() : nullptr;
}

Ref<ContextScope> enter_context(FieldList fields, const TraceContext* trace) {
  std::string error;
  Ref<const ContextSnapshot> contents =
      ContextSnapshot::make(thread_context(), fields, trace, error);
  auto scope = Ref<ContextScope>::adopt(new ContextScope(innermost_scope(), std::move(contents)));
  scope->error = std::move(error);
  return enter(std::move(scope));
}

Ref<ContextScope> enter_context(Ref<const ContextSnapshot> contents) {
  return enter(Ref<ContextScope>::adopt(new ContextScope(innermost_scope(), std::move(contents))));
}

void leave_context(ContextScope& scope) {
  // relaxed: only the flag is shared; the rest of a scope never changes
  scope.is_left.store(true, std::memory_order_relaxed);
  (void)exchange_context(innermost_scope());
}

Ref<ContextScope> exchange_context(Ref<ContextScope> innermost) {
  skip_left(innermost);
  // Otherwise a stack whose innermost scope is always left after the next was entered would grow
  // without limit.
  if (innermost.get() != nullptr) skip_left(innermost->outer);
  auto before = Ref<ContextScope>::adopt(std::exchange(t_innermost, innermost.release()));
  request_publication();
  return before;
}

}  // namespace metlog
