#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <string_view>
#include <utility>

#include "metlog/field.h"

namespace metlog {

/// The context of a thread: fields that its messages carry beside their own, such as the request,
/// the tenant, the trace. A call pays nothing for it; a change costs an allocation or two and sends
/// the thread's next call to the cold path. docs/context.md has examples.

struct ContextScope;
class ContextSnapshot;

/// Adds fields to all messages of this thread until the scope is left. Nested scopes add and
/// override fields. When scopes are left out of order, the inner ones keep their fields, and the
/// context before them is restored when the last one is left. A message's own field wins over one
/// with the same key.
///
///   metlog::ScopedContext scope({{"request_id", id}, {"tenant", name}});
class [[nodiscard]] ScopedContext {
 public:
  explicit ScopedContext(FieldList fields);
  ScopedContext(const ScopedContext&) = delete;
  ScopedContext& operator=(const ScopedContext&) = delete;
  ~ScopedContext();

  /// The reason why the fields were refused: the context would be longer than kMaxContextBytes, or
  /// nested too deep. Empty when the fields are in force. The messages of a refused scope carry a
  /// field `context_refused` instead.
  [[nodiscard]] std::string_view error() const;

 private:
  ContextScope* const scope_;  // counted
};

/// A copy of a thread's context, with its trace. Immutable and cheap to copy; any thread may use
/// it, and it may outlive the scopes that it was captured from.
class Context {
 public:
  /// Makes an empty context.
  Context() = default;
  Context(const Context& other);
  Context(Context&& other) noexcept : contents_(std::exchange(other.contents_, nullptr)) {}
  Context& operator=(Context other) noexcept {
    std::swap(contents_, other.contents_);
    return *this;
  }
  ~Context();

 private:
  friend Context capture_context();
  friend class AttachedContext;
  friend class CarriedContext;  // coroutine_context.h

  const ContextSnapshot* contents_ = nullptr;  // counted; null when empty
};

/// Returns the context of the calling thread.
[[nodiscard]] Context capture_context();

/// Replaces the context of this thread by a captured one until the scope is left.
class [[nodiscard]] AttachedContext {
 public:
  explicit AttachedContext(const Context& context);
  AttachedContext(const AttachedContext&) = delete;
  AttachedContext& operator=(const AttachedContext&) = delete;
  ~AttachedContext();

 private:
  ContextScope* const scope_;  // counted
};

/// Returns the function with the caller's context bound to it: for thread pools and callbacks.
template <class F>
[[nodiscard]] auto with_context(F function) {
  return [context = capture_context(),
          function = std::move(function)](auto&&... args) mutable -> decltype(auto) {
    const AttachedContext attached(context);
    return function(std::forward<decltype(args)>(args)...);
  };
}

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
