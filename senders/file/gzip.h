#pragma once

#include <atomic>
#include <cstddef>
#include <optional>

#include "absl/status/status.h"

namespace metlog {

/// Compresses files as gzip(1) does. zlib is loaded (libz.so.1) at the first call, so that a
/// program without compressed files does not depend on it. Any thread.
class Gzip {
 public:
  /// kUnavailable where there is no libz.so.1.
  static absl::Status check();

  /// Writes all that is in the file `from` to `to`, whose offset is 0. Returns how many bytes it
  /// has read; none with an errno, ECANCELED once `stop` is set.
  static std::optional<std::size_t> compress(int from, int to, const std::atomic<bool>& stop);
};

}  // namespace metlog
