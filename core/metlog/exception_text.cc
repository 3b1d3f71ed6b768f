#include "metlog/exception_text.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <typeinfo>

namespace metlog {
namespace {

std::string readable(const char* mangled) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(mangled, nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : mangled;
}

}  // namespace

std::string exception_text(const std::exception_ptr& error) {
  if (error == nullptr) return "None";
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return readable(typeid(exception).name()) + ": " + exception.what();
  } catch (...) {
    const std::type_info* const type = abi::__cxa_current_exception_type();
    return type != nullptr ? readable(type->name()) : "unknown exception";
  }
}

}  // namespace metlog
