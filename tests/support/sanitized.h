#pragma once

namespace metlog {

/// True when a sanitizer watches memory or threads. None works in a forked child with threads.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitizer = true;
#elif defined(__has_feature)
inline constexpr bool kSanitizer =
    __has_feature(thread_sanitizer) || __has_feature(address_sanitizer);
#else
inline constexpr bool kSanitizer = false;
#endif

}  // namespace metlog
