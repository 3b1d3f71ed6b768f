#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"

namespace metlog {

/// Reads a pipe, which it makes, at a steady 100 kB a second.
class SlowReader {
 public:
  static absl::StatusOr<std::unique_ptr<SlowReader>> open(const std::string& path);
  ~SlowReader();
  SlowReader(const SlowReader&) = delete;
  SlowReader& operator=(const SlowReader&) = delete;

 private:
  explicit SlowReader(UniqueFd pipe) : pipe_(std::move(pipe)), thread_([this] { run(); }) {}
  void run();

  const UniqueFd pipe_;
  std::atomic<bool> ends_{false};
  std::thread thread_;  // last: it uses the rest
};

/// An HTTP server that answers 400 to each body that has a line whose "number=" ends in 0, which is
/// every tenth message, and 200 to others.
class ErringServer {
 public:
  static absl::StatusOr<std::unique_ptr<ErringServer>> open();
  /// Closes its connections.
  ~ErringServer();
  ErringServer(const ErringServer&) = delete;
  ErringServer& operator=(const ErringServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::uint64_t requests() const { return requests_; }

 private:
  ErringServer(UniqueFd listener, int port);
  void accept_all();
  void serve(int connection);

  const UniqueFd listener_;
  const int port_;
  std::atomic<std::uint64_t> requests_{0};
  std::vector<UniqueFd> connections_;  // of the accepting thread until it has ended
  std::vector<std::thread> servers_;   // likewise
  std::thread thread_;                 // last: it uses the rest
};

/// A port of this machine on which nobody listens.
absl::StatusOr<int> dead_port();

}  // namespace metlog
