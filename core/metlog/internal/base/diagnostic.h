#pragma once

#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"

namespace metlog {

/// Lets one kind of diagnostic through at most every 10 seconds. Constant-initialised; any thread.
class DiagnosticLimit {
 public:
  constexpr DiagnosticLimit() = default;
  bool take();

 private:
  PlainAtomic<std::uint64_t> due_ns_{};
};

/// Prints `metlog: TEXT` as one line on standard error, for what would otherwise be lost in
/// silence. Allocates nothing, cuts the text after 1,000 bytes, and leaves errno alone. Any thread.
[[gnu::format(printf, 1, 2)]] void diagnose(const char* format, ...);

/// The same, unless the limit holds it back.
[[gnu::format(printf, 2, 3)]] void diagnose_seldom(DiagnosticLimit& limit, const char* format, ...);

}  // namespace metlog
