#include "metlog/internal/context/thread_context.h"

#include <utility>

#include "metlog/internal/emit/producer.h"

namespace metlog {
namespace {

// The innermost scope; holds a count. A plain pointer, so that calls from the destructors of
// thread_locals still find it.
constinit thread_local ContextScope* t_innermost = nullptr;

// A scope that was left on another thread is still the thread's when that ends.
struct ThreadEnd {
  ~ThreadEnd() { (void)exchange_context({}); }
};

// Sends the thread's next call to the cold branch, where its ring is told.
void announce() {
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

Ref<ContextScope> present() { return Ref<ContextScope>::share(t_innermost); }

Ref<ContextScope> enter(Ref<ContextScope> scope) {
  thread_local const ThreadEnd end;
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
  auto scope = Ref<ContextScope>::adopt(new ContextScope(present(), std::move(contents)));
  scope->error = std::move(error);
  return enter(std::move(scope));
}

Ref<ContextScope> enter_context(Ref<const ContextSnapshot> contents) {
  return enter(Ref<ContextScope>::adopt(new ContextScope(present(), std::move(contents))));
}

void leave_context(ContextScope& scope) {
  // relaxed: the flag alone is told; the rest of a scope never changes
  scope.is_left.store(true, std::memory_order_relaxed);
  (void)exchange_context(present());
}

Ref<ContextScope> exchange_context(Ref<ContextScope> innermost) {
  skip_left(innermost);
  // Or a stack whose innermost scope is left only after the next was entered would grow for ever.
  if (innermost.get() != nullptr) skip_left(innermost->outer);
  auto before = Ref<ContextScope>::adopt(std::exchange(t_innermost, innermost.release()));
  announce();
  return before;
}

}  // namespace metlog
