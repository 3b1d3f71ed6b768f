#pragma once

#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "tools/router/input/address.h"
#include "tools/router/input/input.h"

namespace metlog {

/// A bound UDP socket. Each datagram is a frame; one system call receives several.
class UdpInput : public Input {
 public:
  /// Binds to `address`: 127.0.0.1:5565, [::1]:5565, localhost:0; port 0 lets the kernel choose.
  /// A name is bound at the first of its addresses that this machine has.
  /// A datagram longer than `max_frame` bytes is cut to that size (see Frame::sent_bytes). Errors:
  /// kInvalidArgument for a malformed address, kPermissionDenied for one that `reach` excludes,
  /// kUnavailable with the system's reason.
  static absl::StatusOr<std::unique_ptr<UdpInput>> open(std::string_view address,
                                                        std::size_t max_frame, Reach reach);
  /// The same at all addresses of a name that this machine has, with one port; one at least.
  static absl::StatusOr<std::vector<std::unique_ptr<UdpInput>>> open_all(std::string_view address,
                                                                         std::size_t max_frame,
                                                                         Reach reach);
  UdpInput(const UdpInput&) = delete;
  UdpInput& operator=(const UdpInput&) = delete;

  std::size_t poll(FrameSink& sink, std::size_t max_frames) override;
  [[nodiscard]] double fill() const override { return fill_; }
  /// Shorter where the kernel gives the socket less than it was asked for and datagrams come.
  [[nodiscard]] std::chrono::nanoseconds longest_rest() const override { return longest_rest_; }
  [[nodiscard]] InputCounts counts() const override;
  [[nodiscard]] const std::string& endpoint() const override { return endpoint_; }
  [[nodiscard]] std::string peer() const override;
  [[nodiscard]] PollHandle poll_handle() const override { return {nullptr, fd_.get()}; }

 private:
  UdpInput(UniqueFd fd, std::string endpoint, std::size_t max_frame);

  using SocketMemory = std::array<std::uint32_t, SK_MEMINFO_VARS>;

  std::size_t receive(std::size_t max_datagrams);
  /// What the kernel says of the socket's buffers; zeros when it says nothing.
  [[nodiscard]] SocketMemory socket_memory() const;

  const UniqueFd fd_;
  const std::string endpoint_;
  const std::size_t text_bytes_;  // of one slot without its padding
  std::unique_ptr<char[]> slots_;
  std::vector<iovec> parts_;
  std::vector<mmsghdr> headers_;
  std::vector<UdpAddress> peers_;
  std::size_t passed_ = 0;  // the slot of the frame that was passed on last
  double fill_ = 0;
  std::chrono::nanoseconds longest_rest_ = std::chrono::nanoseconds::max();
  InputCounts counts_;
};

}  // namespace metlog
