#include "metlog/internal/client/thrown.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <typeinfo>

namespace metlog {
namespace {

/// Returns the readable form of a mangled C++ name; the name itself when it is not a mangled one.
std::string demangle(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> readable(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
  return status == 0 ? readable.get() : name;
}

std::string type_name(const std::type_info* type) {
  if (type == nullptr) return "unknown exception";
  std::string name = demangle(type->name());
  // std::throw_with_nested() throws a type of the standard library that wraps the caller's type.
  for (const std::string_view wrapper : {"std::_Nested_exception<", "std::__1::__nested<"}) {
    if (name.starts_with(wrapper))
      return name.substr(wrapper.size(), name.size() - wrapper.size() - 1);
  }
  return name;
}

/// Returns the type of an exception; null for one of a class compiled with -fno-rtti. By the C++
/// ABI it stands before the first function of the virtual table.
const std::type_info* type_of(const std::exception& error) {
  const auto* const table = *reinterpret_cast<const std::type_info* const* const*>(&error);
  return table[-1];
}

Thrown describe_object(const std::exception& error) {
  const std::type_info* const type = type_of(error);
  Thrown thrown{type_name(type != nullptr ? type : abi::__cxa_current_exception_type()), "",
                nullptr};
  if (const char* const what = error.what(); what != nullptr) thrown.what = what;
  if (type == nullptr) return thrown;  // dynamic_cast needs it
  const auto* const nested = dynamic_cast<const std::nested_exception*>(&error);
  if (nested != nullptr) thrown.cause = nested->nested_ptr();
  return thrown;
}

StackFrame frame_of(const void* address, const Dl_info& place) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  StackFrame frame{"", place.dli_fname != nullptr ? place.dli_fname : "?",
                   at - reinterpret_cast<std::uintptr_t>(place.dli_fbase)};
  if (place.dli_sname == nullptr) return frame;
  frame.function = demangle(place.dli_sname);
  frame.offset = at - reinterpret_cast<std::uintptr_t>(place.dli_saddr);
  return frame;
}

}  // namespace

std::string Thrown::text() const { return what.empty() ? type : type + ": " + what; }

Thrown describe(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return describe_object(exception);
  } catch (const std::nested_exception& exception) {
    return {type_name(abi::__cxa_current_exception_type()), "", exception.nested_ptr()};
  } catch (...) {
    return {type_name(abi::__cxa_current_exception_type()), "", nullptr};
  }
}

Thrown describe(const ExceptionRef& error) {
  if (error.object() != nullptr) return describe_object(*error.object());
  if (error.pointer() == nullptr || *error.pointer() == nullptr) return {"None", "", nullptr};
  return describe(*error.pointer());
}

std::vector<StackFrame> stack_frames(int own) {
  constexpr int kMax = 48;
  void* addresses[kMax];
  const int count = backtrace(addresses, kMax);
  Dl_info library{};
  dladdr(reinterpret_cast<const void*>(&stack_frames), &library);
  std::vector<StackFrame> frames;
  bool is_inside = true;
  for (int i = 0; i < count; ++i) {
    Dl_info place{};
    dladdr(addresses[i], &place);
    is_inside = is_inside && place.dli_fbase == library.dli_fbase && i < own;
    if (!is_inside) frames.insert(frames.begin(), frame_of(addresses[i], place));
  }
  return frames;
}

}  // namespace metlog
