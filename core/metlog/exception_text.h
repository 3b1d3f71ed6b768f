#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace metlog {

/// The exception that a call tells of beside its text; the original's exc_info. Refers to it, so it
/// lives as long as the call: log.error("cannot save", error), whatever `error` is.
class ExceptionRef {
 public:
  /// None: nothing is appended, not even inside a handler.
  constexpr ExceptionRef() = default;
  /// std::current_exception(), or one that was kept. A null pointer is told as "None".
  ExceptionRef(const std::exception_ptr& error) : kind_(Kind::kPointer), pointer_(&error) {}
  ExceptionRef(std::nullptr_t) : kind_(Kind::kNull) {}
  ExceptionRef(const std::exception& error) : kind_(Kind::kObject), object_(&error) {}

  [[nodiscard]] bool is_none() const { return kind_ == Kind::kNone; }
  [[nodiscard]] bool has_frames() const { return has_frames_; }

  /// Null unless there is one of this kind.
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

/// For Client::exception(): severity ALERT, and the text alone.
inline constexpr ExceptionRef kNoTrace{};

/// The same with the stack of the place that calls, which is where the exception was caught, not
/// where it was thrown. Slow: looks up the name of every frame.
[[nodiscard]] ExceptionRef with_frames(const ExceptionRef& error = std::current_exception());

/// "<type>: <what()>" of an exception, the type's name demangle; the type alone for one without
/// a what(); "None" for a null pointer. Where std::throw_with_nested() was at work, a further line
/// "caused by <type>: <what()>" for each cause, at most 16. Ends in no newline.
std::string exception_text(const ExceptionRef& error = std::current_exception());

/// The same as it stands behind a text: after a newline, unless the text ends in one already.
std::string exception_after(std::string_view text,
                            const ExceptionRef& error = std::current_exception());

}  // namespace metlog
