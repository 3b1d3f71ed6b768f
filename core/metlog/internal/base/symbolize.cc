#include "metlog/internal/base/symbolize.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"

namespace metlog {
namespace {

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

}  // namespace

std::string demangle(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> readable(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
  return status == 0 ? readable.get() : name;
}

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

}  // namespace metlog
