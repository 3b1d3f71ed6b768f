#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "tools/router/input/input.h"
#include "tools/router/input/ipc_listener.h"
#include "tools/router/input/line_splitter.h"

namespace metlog {

/// A listening stream socket: each line of its connections is a frame, without its newline. What a
/// connection sends after its last newline is a line when it ends. While the input is not polled,
/// nothing is read, so that peers wait and nothing is lost.
class LineInput final : public Input {
 public:
  struct Options {
    std::size_t max_line = 256 * 1024;   // a longer one is cut, see Frame::sent_bytes
    std::size_t max_connections = 1024;  // at a time; more are closed at once, and counted
  };

  /// Listens at HOST:PORT, at all addresses of a name that this machine has, with one port; port 0
  /// lets the kernel choose. Errors as of UdpInput::open().
  static absl::StatusOr<std::vector<std::unique_ptr<LineInput>>> open_tcp(std::string_view address,
                                                                          Reach reach,
                                                                          const Options& options);
  /// Listens at a path, whose socket has these permissions. Errors as of IpcListener::open().
  static absl::StatusOr<std::unique_ptr<LineInput>> open_unix(std::string_view path,
                                                              mode_t permissions,
                                                              const Options& options);

  std::size_t poll(FrameSink& sink, std::size_t max_frames) override;
  /// Passes what connections have sent after their last newline, and closes them.
  std::size_t finish(FrameSink& sink) override;
  bool is_dry() override { return is_dry_; }
  /// 1 when a connection had more than one read takes: its peer may be waiting.
  [[nodiscard]] double fill() const override { return fill_; }
  [[nodiscard]] InputCounts counts() const override;
  [[nodiscard]] const std::string& endpoint() const override { return endpoint_; }
  [[nodiscard]] PollHandle poll_handle() const override { return {nullptr, epoll_.get()}; }

 private:
  struct Connection {
    UniqueFd fd;
    LineSplitter lines;
  };
  class Tally;  // counts what is passed to a sink

  LineInput(std::string endpoint, const Options& options);
  absl::Status start(int listener);
  [[nodiscard]] bool watch(int fd) const;
  void accept_one();
  void refuse_one();
  void read(Connection& connection, Tally& tally);
  void end(Connection& connection, Tally& tally, bool is_cut);

  const std::string endpoint_;
  const Options options_;
  UniqueFd tcp_;  // one of both listens
  std::unique_ptr<const IpcListener> unix_;
  int listener_ = -1;
  UniqueFd epoll_;
  UniqueFd spare_;  // given up to refuse a connection when there are no more descriptors
  std::unordered_map<int, Connection> connections_;
  std::vector<char> chunk_;
  bool is_dry_ = true;
  double fill_ = 0;
  InputCounts counts_;
};

}  // namespace metlog
