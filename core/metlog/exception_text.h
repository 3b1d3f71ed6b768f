#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace metlog {

/// The exception that a call reports beside its text; the reference's exc_info. Only refers to the
/// exception, which must outlive the call: log.error("cannot save", error).
class ExceptionRef {
 public:
  /// No exception: nothing is appended, not even inside a handler.
  constexpr ExceptionRef() = default;
  /// std::current_exception(), or a stored one. A null pointer is reported as "None".
  ExceptionRef(const std::exception_ptr& error) : kind_(Kind::kPointer), pointer_(&error) {}
  ExceptionRef(std::nullptr_t) : kind_(Kind::kNull) {}
  ExceptionRef(const std::exception& error) : kind_(Kind::kObject), object_(&error) {}

  [[nodiscard]] bool is_none() const { return kind_ == Kind::kNone; }
  [[nodiscard]] bool has_frames() const { return has_frames_; }

  /// Null when the exception is of the other kind.
  [[nodiscard]] const std::exception* object() const { return object_; }
  [[nodiscard]] const std::exception_ptr* pointer() const { return pointer_; }

 private:
  friend ExceptionRef with_frames(const ExceptionRef& error);
  enum class Kind : std::uint8_t { kNone, kNull, kPointer, kObject };

  Kind kind_ = Kind::kNone;
  bool has_frames_ = false;
  const std::exception_ptr* pointer_ = nullptr;
  const std::exception* object_ = nullptr;
};

/// For Client::exception(): the text alone, at severity ALERT.
[[gnu::visibility("hidden")]] inline constexpr ExceptionRef kNoTrace{};

/// Returns `error` with the stack of the caller, so of the place that caught the exception, not of
/// the place that threw it. Slow: looks up the name of every frame.
[[nodiscard]] ExceptionRef with_frames(const ExceptionRef& error = std::current_exception());

/// Returns "<type>: <what()>" of an exception, with the demangled type name; the type alone for an
/// exception without what(); "None" for a null pointer. Adds a line "caused by <type>: <what()>"
/// for each cause of std::throw_with_nested(), at most 16. Does not end in a newline.
std::string exception_text(const ExceptionRef& error = std::current_exception());

/// Returns exception_text() for appending to `text`: after a newline, unless `text` ends in one.
std::string exception_after(std::string_view text,
                            const ExceptionRef& error = std::current_exception());

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
