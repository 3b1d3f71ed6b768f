#pragma once

#include <string_view>
#include <utility>

#include "metlog/field.h"

namespace metlog {

/// What a thread's messages carry beside their own fields: the request, the tenant, the trace. A
/// call pays nothing for it; a change costs an allocation or two, and the thread's next call the
/// cold way. docs/context.md has examples.

struct ContextScope;
class ContextSnapshot;

/// Fields that all messages of this thread carry until the scope is left. Nested scopes add and
/// override. Left out of order, a scope inside keeps what it said; what was there before comes back
/// when the last of them is left. A message's own field wins over one with its key.
///
///   metlog::ScopedContext scope({{"request_id", id}, {"tenant", name}});
class [[nodiscard]] ScopedContext {
 public:
  explicit ScopedContext(FieldList fields);
  ScopedContext(const ScopedContext&) = delete;
  ScopedContext& operator=(const ScopedContext&) = delete;
  ~ScopedContext();

  /// Why the fields were refused: with them the context would be longer than kMaxContextBytes.
  /// Empty when they are in force. The messages of a refused scope have a field
  /// `context_refused` in their place.
  [[nodiscard]] std::string_view error() const;

 private:
  ContextScope* const scope_;  // counted
};

/// A thread's context as it was at one moment, trace and all. Immutable and cheap to copy; may go
/// to any thread and outlive what it was captured from.
class Context {
 public:
  /// An empty one.
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
  friend class CarriedContext;  // carried_context.h

  const ContextSnapshot* contents_ = nullptr;  // counted; null when empty
};

/// The calling thread's.
[[nodiscard]] Context capture_context();

/// Puts a captured context in the place of this thread's until the scope is left.
class [[nodiscard]] AttachedContext {
 public:
  explicit AttachedContext(const Context& context);
  AttachedContext(const AttachedContext&) = delete;
  AttachedContext& operator=(const AttachedContext&) = delete;
  ~AttachedContext();

 private:
  ContextScope* const scope_;  // counted
};

/// The function with the caller's context bound to it: for thread pools and callbacks.
template <class F>
[[nodiscard]] auto with_context(F function) {
  return [context = capture_context(),
          function = std::move(function)](auto&&... args) mutable -> decltype(auto) {
    const AttachedContext attached(context);
    return function(std::forward<decltype(args)>(args)...);
  };
}

}  // namespace metlog
