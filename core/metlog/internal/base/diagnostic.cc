#include "metlog/internal/base/diagnostic.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "metlog/internal/base/signal_block.h"
#include "metlog/internal/base/ticks.h"

namespace metlog {
namespace {

constexpr std::uint64_t kIntervalNs = 10'000'000'000;

void print(const char* format, std::va_list arguments) {
  constexpr char kPrefix[] = "metlog: ";
  constexpr std::size_t kPrefixBytes = sizeof kPrefix - 1;
  const int error = errno;
  char line[kPrefixBytes + 1001];
  std::memcpy(line, kPrefix, kPrefixBytes);
  constexpr std::size_t kRoom = sizeof line - kPrefixBytes;  // the newline replaces the final zero
  const int wanted = std::vsnprintf(line + kPrefixBytes, kRoom, format, arguments);
  const std::size_t bytes =
      kPrefixBytes + std::min(static_cast<std::size_t>(std::max(wanted, 0)), kRoom - 1);
  line[bytes] = '\n';
  const ScopedSignalBlock quiet;
  // What a closed or full standard error does not take cannot be said anywhere.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line, bytes + 1);
  errno = error;
}

}  // namespace

bool DiagnosticLimit::take() {
  const std::uint64_t now_ns = coarse_monotonic_ns();
  const std::uint64_t due_ns = due_ns_.load(Order::kRelaxed);  // relaxed: replace() decides
  return now_ns >= due_ns && due_ns_.replace(due_ns, now_ns + kIntervalNs);
}

void diagnose(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  print(format, arguments);
  va_end(arguments);
}

void diagnose_seldom(DiagnosticLimit& limit, const char* format, ...) {
  if (!limit.take()) return;
  std::va_list arguments;
  va_start(arguments, format);
  print(format, arguments);
  va_end(arguments);
}

}  // namespace metlog
