#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "metlog/internal/codec/frame_header.h"
#include "metlog/log.h"
#include "metlog/metlog.h"

namespace metlog {

inline constexpr std::uint64_t kCalls = 500;

/// The table in docs/ledger.md: destinations x states. Each test sends through an engine to a real
/// socket, file or pipe and compares the receipt with what the receiver itself counted.
class ReceiptTable : public testing::Test {
 protected:
  ReceiptTable() : engine_(parts()) {}
  static Engine::Parts parts() {
    Engine::Parts parts;
    parts.options.session_directory = "none";
    return parts;
  }
  Client open(const std::string& url, WhenFull when_full = WhenFull::kBlock) {
    absl::StatusOr<Client> client = engine_.open(url, {.when_full = when_full});
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }
  /// Ends the client; checks that its books balance and that it claims no confirmation.
  static Receipt end(Client& client, std::uint64_t emitted,
                     std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    const Receipt receipt = client.close(limit);
    EXPECT_EQ(client.stats().emitted, emitted);
    EXPECT_EQ(client.stats().unexplained(), 0);
    EXPECT_EQ(receipt.sent + receipt.lost, emitted);
    EXPECT_FALSE(receipt.confirmed) << "no peer answers for a message here";
    return receipt;
  }

  Engine engine_;
};

inline void call(Client& client, std::uint64_t count = kCalls, std::size_t bytes = 10) {
  const std::string text(bytes, 'x');
  for (std::uint64_t i = 0; i < count; ++i) METLOG_INFO(client, "{}", text);
}

/// The engine's own messages are in no count of the receipt.
inline bool is_call(const std::string& message) {
  return message.find("metlog.loss") == std::string::npos;
}

inline std::uint64_t lines_in(const std::string& text) {
  std::uint64_t count = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    if (is_call(text.substr(at, text.find('\n', at) - at))) ++count;
  }
  return count;
}

inline std::uint64_t calls_in(const std::string& frame) {
  return lines_in(is_batched_frame(frame) ? frame.substr(FrameHeader::kBytes) : frame + "\n");
}

}  // namespace metlog
