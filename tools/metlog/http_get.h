#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace metlog {

struct HttpPage {
  int status = 0;
  std::string body;
};

/// A longer answer is none.
inline constexpr std::size_t kMaxHttpAnswer = std::size_t{64} << 20;

/// Asks a server for a page, without TLS: `address` is HOST:PORT or http://HOST:PORT, `path` begins
/// with a slash. For a server that ends the connection after its answer.
/// kInvalidArgument for an address that is none, kUnavailable for a server that does not answer
/// within `limit`, with the system's reason.
absl::StatusOr<HttpPage> http_get(std::string_view address, std::string_view path,
                                  std::chrono::milliseconds limit);

}  // namespace metlog
