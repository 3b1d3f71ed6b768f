#include "metlog/exception_text.h"

#include <cxxabi.h>

#include <typeinfo>

#include "metlog/internal/base/demangle.h"

namespace metlog {
namespace {

constexpr int kMaxCauses = 16;

/// One exception of a chain, and what it was thrown over; null for the last.
struct Told {
  std::string line;
  std::exception_ptr cause;
};

std::string type_name(const std::type_info* type) {
  if (type == nullptr) return "unknown exception";
  std::string name = demangle(type->name());
  // What std::throw_with_nested() throws is of a type of the standard library's own.
  for (const std::string_view wrapper : {"std::_Nested_exception<", "std::__1::__nested<"}) {
    if (name.starts_with(wrapper))
      return name.substr(wrapper.size(), name.size() - wrapper.size() - 1);
  }
  return name;
}

Told tell(const std::exception& error) {
  Told told{type_name(&typeid(error)), nullptr};
  const char* const what = error.what();
  if (what != nullptr && *what != '\0') told.line.append(": ").append(what);
  const auto* const nested = dynamic_cast<const std::nested_exception*>(&error);
  if (nested != nullptr) told.cause = nested->nested_ptr();
  return told;
}

Told tell(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return tell(exception);
  } catch (const std::nested_exception& exception) {
    return {type_name(abi::__cxa_current_exception_type()), exception.nested_ptr()};
  } catch (...) {
    return {type_name(abi::__cxa_current_exception_type()), nullptr};
  }
}

std::string chain_text(Told told) {
  std::string text = std::move(told.line);
  for (int depth = 0; told.cause != nullptr; ++depth) {
    if (depth == kMaxCauses) return text.append("\ncaused by more");
    told = tell(told.cause);
    text.append("\ncaused by ").append(told.line);
  }
  return text;
}

std::string error_text(const ExceptionRef& error) {
  if (error.object() != nullptr) return chain_text(tell(*error.object()));
  if (error.pointer() == nullptr || *error.pointer() == nullptr) return "None";
  return chain_text(tell(*error.pointer()));
}

}  // namespace

ExceptionRef with_frames(const ExceptionRef& error) {
  ExceptionRef framed = error;
  framed.has_frames_ = true;
  return framed;
}

std::string exception_text(const ExceptionRef& error) {
  if (error.is_none()) return {};
  std::string text;
  if (error.has_frames()) {
    text.append("Caught at (most recent call last):\n").append(stack_text());
  }
  text += error_text(error);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string exception_after(std::string_view text, const ExceptionRef& error) {
  if (error.is_none()) return {};
  std::string appended(text.ends_with('\n') ? 0U : 1U, '\n');
  return appended += exception_text(error);
}

}  // namespace metlog
