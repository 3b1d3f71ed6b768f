#include "metlog/exception_text.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <typeinfo>

#include "absl/strings/str_cat.h"

namespace metlog {
namespace {

/// Returns the readable form of a mangled C++ name; the name itself when it is not a mangled one.
std::string demangle(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> readable(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
  return status == 0 ? readable.get() : name;
}

std::string frame_line(const void* address, const Dl_info& place) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  const char* const file = place.dli_fname != nullptr ? place.dli_fname : "?";
  if (place.dli_sname == nullptr) {
    const auto base = reinterpret_cast<std::uintptr_t>(place.dli_fbase);
    return absl::StrCat("  ?+0x", absl::Hex(at - base), " [", file, "]\n");
  }
  const auto begin = reinterpret_cast<std::uintptr_t>(place.dli_saddr);
  return absl::StrCat("  ", demangle(place.dli_sname), "+0x", absl::Hex(at - begin), " [", file,
                      "]\n");
}

/// Returns the calling thread's stack with the outermost function first, one line for each frame:
/// "  shop::pay(int)+0x1f [/usr/bin/shop]". Functions that the program does not export have no
/// name: link with -rdynamic to see them. At most 48 frames, without those of the library itself.
std::string stack_trace() {
  constexpr int kMax = 48;
  void* addresses[kMax];
  const int count = backtrace(addresses, kMax);
  Dl_info own{};
  dladdr(reinterpret_cast<const void*>(&stack_trace), &own);
  std::string text;
  bool is_inside = true;
  for (int i = 0; i < count; ++i) {
    Dl_info place{};
    dladdr(addresses[i], &place);
    // Our own frames come first. In a program with the static library they look like its frames, so
    // no more than four are skipped.
    is_inside = is_inside && place.dli_fbase == own.dli_fbase && i < 4;
    if (!is_inside) text.insert(0, frame_line(addresses[i], place));
  }
  return text;
}

constexpr int kMaxCauses = 16;

/// One exception of a chain, and the exception that caused it; null for the last.
struct Described {
  std::string line;
  std::exception_ptr cause;
};

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

Described describe(const std::exception& error) {
  const std::type_info* const type = type_of(error);
  Described described{type_name(type != nullptr ? type : abi::__cxa_current_exception_type()),
                      nullptr};
  const char* const what = error.what();
  if (what != nullptr && *what != '\0') described.line.append(": ").append(what);
  if (type == nullptr) return described;  // dynamic_cast needs it
  const auto* const nested = dynamic_cast<const std::nested_exception*>(&error);
  if (nested != nullptr) described.cause = nested->nested_ptr();
  return described;
}

Described describe(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return describe(exception);
  } catch (const std::nested_exception& exception) {
    return {type_name(abi::__cxa_current_exception_type()), exception.nested_ptr()};
  } catch (...) {
    return {type_name(abi::__cxa_current_exception_type()), nullptr};
  }
}

std::string chain_text(Described described) {
  std::string text = std::move(described.line);
  for (int depth = 0; described.cause != nullptr; ++depth) {
    if (depth == kMaxCauses) return text.append("\ncaused by more");
    described = describe(described.cause);
    text.append("\ncaused by ").append(described.line);
  }
  return text;
}

std::string error_text(const ExceptionRef& error) {
  if (error.object() != nullptr) return chain_text(describe(*error.object()));
  if (error.pointer() == nullptr || *error.pointer() == nullptr) return "None";
  return chain_text(describe(*error.pointer()));
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
    text.append("Caught at (most recent call last):\n").append(stack_trace());
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
