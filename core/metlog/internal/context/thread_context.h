#pragma once

#include <atomic>
#include <string>
#include <utility>

#include "metlog/internal/base/counted.h"
#include "metlog/internal/context/context_snapshot.h"

namespace metlog {

/// A scope in which a context is in force: one of a stack, linked from the innermost outwards.
/// Counted, because a scope may be left out of order, or on another thread than the one that
/// entered it.
struct ContextScope : Counted {
  ContextScope(Ref<ContextScope> outer_scope, Ref<const ContextSnapshot> own)
      : outer(std::move(outer_scope)), contents(std::move(own)) {}

  Ref<ContextScope> outer;                    // stored by whoever has the stack in force
  const Ref<const ContextSnapshot> contents;  // null for an empty context
  std::string error;                          // why the scope's fields were refused
  std::atomic<bool> is_left{false};           // stored by any thread
};

/// The calling thread's context. A change allocates; it costs the thread's next call the cold way,
/// by which its ring is told. A forked child goes on with that of the thread that forked.

/// What its messages carry; null for nothing. Valid until the thread changes it.
const ContextSnapshot* thread_context();

/// Adds fields to it, until leave_context().
Ref<ContextScope> enter_context(FieldList fields, const TraceContext* trace);
/// Puts another in its place, until leave_context().
Ref<ContextScope> enter_context(Ref<const ContextSnapshot> contents);
/// Ends a scope. What it was entered upon comes back when no scope that was entered later is left;
/// those keep what they said when they were entered. Any thread: on another one than the scope's
/// it takes effect when that thread, or the coroutine that it belongs to, next changes its context.
void leave_context(ContextScope& scope);

/// Puts a whole stack in the place of the thread's and returns that one.
Ref<ContextScope> exchange_context(Ref<ContextScope> innermost);

}  // namespace metlog
