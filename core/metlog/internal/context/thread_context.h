#pragma once

#include <atomic>
#include <string>
#include <utility>

#include "metlog/internal/base/counted.h"
#include "metlog/internal/context/context_snapshot.h"

namespace metlog {

/// A scope in which a context is in force; an element of a stack that is linked from the innermost
/// scope outwards. Counted, because a scope may be left out of order, or on another thread than the
/// one that entered it.
struct ContextScope : Counted {
  ContextScope(Ref<ContextScope> outer_scope, Ref<const ContextSnapshot> own)
      : outer(std::move(outer_scope)), contents(std::move(own)) {}

  Ref<ContextScope> outer;                    // stored by the thread on which the stack is in force
  const Ref<const ContextSnapshot> contents;  // null for an empty context
  std::string error;                          // why the scope's fields were refused
  std::atomic<bool> is_left{false};           // stored by any thread
};

// The context of the calling thread. A change allocates, and sends the thread's next call to the
// cold path, which writes the context into the ring. A forked child keeps the context of the thread
// that forked.

/// Returns the context; null when it is empty. Valid until the thread changes it.
const ContextSnapshot* thread_context();

/// Adds fields to the context, until leave_context().
Ref<ContextScope> enter_context(FieldList fields, const TraceContext* trace);
/// Replaces the context, until leave_context().
Ref<ContextScope> enter_context(Ref<const ContextSnapshot> contents);
/// Ends a scope. The context before it is restored once every scope that was entered later has
/// ended, too; those keep the context with which they were entered. Any thread: on another thread
/// than the scope's it takes effect when that thread, or the coroutine of the scope, next changes
/// its context.
void leave_context(ContextScope& scope);

/// Replaces the whole stack of the thread and returns the previous one.
Ref<ContextScope> exchange_context(Ref<ContextScope> innermost);

}  // namespace metlog
