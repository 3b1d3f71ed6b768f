#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <thread>

namespace metlog {

#if defined(__SANITIZE_THREAD__)
inline constexpr bool kThreadSanitizer = true;
#elif defined(__has_feature)
inline constexpr bool kThreadSanitizer = __has_feature(thread_sanitizer);
#else
inline constexpr bool kThreadSanitizer = false;
#endif

/// Returns how many threads the process has. That of ThreadSanitizer, which begins with the first
/// of the program's, does not count.
inline std::size_t thread_count() {
  if (kThreadSanitizer) {
    [[maybe_unused]] static const bool kHasBegun = (std::thread([] {}).join(), true);
  }
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return static_cast<std::size_t>(std::distance(threads, {})) - (kThreadSanitizer ? 1 : 0);
}

/// The same once it is `wanted`, or after ten seconds: the system counts a thread for a moment
/// after it was joined.
inline std::size_t settled_thread_count(std::size_t wanted) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (thread_count() != wanted && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  return thread_count();
}

}  // namespace metlog
