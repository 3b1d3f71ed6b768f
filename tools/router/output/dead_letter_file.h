#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace metlog {

/// The file of messages that an output has lost, as JSON lines. Opened for each append, so it may
/// be moved away or removed at any time. Used by one thread; several outputs may share a file.
class DeadLetterFile {
 public:
  struct Options {
    std::string path = {};  // none when empty
    /// The file grows to this size; what comes then is not kept. Move it away and it begins anew.
    std::uint64_t max_bytes = 64 * 1024 * 1024;
  };

  explicit DeadLetterFile(Options options) : options_(std::move(options)) {}

  [[nodiscard]] bool is_wanted() const { return !options_.path.empty(); }
  /// Appends whole lines, all or none. The error names the file, the reason and the next step:
  /// kResourceExhausted for a file that is full, else the system's.
  absl::Status append(std::string_view lines) const;
  /// Creates the file if need be; the error is that of the first append().
  [[nodiscard]] absl::Status check() const { return append({}); }

 private:
  const Options options_;
};

}  // namespace metlog
