#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "metlog/internal/base/unique_fd.h"

namespace metlog {

/// A TCP relay on loopback, which may fall silent as a host does whose cable was pulled: the
/// connections stay, nothing is read and nobody answers. Its kernel still accepts.
class Relay {
 public:
  /// `target` is tcp://127.0.0.1:PORT; while nobody listens there, connections are accepted and
  /// closed.
  explicit Relay(const std::string& target)
      : target_port_(static_cast<std::uint16_t>(std::stoi(target.substr(target.rfind(':') + 1)))),
        listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_.get(), any, size), 0);
    EXPECT_EQ(::listen(listener_.get(), 100), 0);
    ::getsockname(listener_.get(), any, &size);
    endpoint_ = "tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { run(); });
  }
  ~Relay() {
    is_over_ = true;
    thread_.join();
  }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
  /// Returns once the relay reads no more.
  void fall_silent() {
    const std::lock_guard lock(mutex_);
    is_silent_ = true;
  }
  void go_on() {
    const std::lock_guard lock(mutex_);
    is_silent_ = false;
  }
  /// All bytes that it has passed on, in both directions.
  [[nodiscard]] std::string seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  struct Pair {
    UniqueFd from;
    UniqueFd to;
  };

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }
  static bool is_readable(int fd, int wait_ms) {
    pollfd entry{fd, POLLIN, 0};
    return ::poll(&entry, 1, wait_ms) == 1;
  }

  void run() {
    while (!is_over_) {
      const std::lock_guard lock(mutex_);
      if (is_silent_ || !step()) ::poll(nullptr, 0, 1);
    }
  }
  /// True when it has done something.
  bool step() {
    bool is_busy = false;
    if (is_readable(listener_.get(), 0)) {
      Pair& pair = pairs_.emplace_back();
      pair.from = UniqueFd(::accept(listener_.get(), nullptr, nullptr));
      pair.to = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_in target = loopback(target_port_);
      auto* const to = reinterpret_cast<sockaddr*>(&target);
      if (::connect(pair.to.get(), to, sizeof target) != 0) pairs_.pop_back();
      is_busy = true;
    }
    for (auto pair = pairs_.begin(); pair != pairs_.end();) {
      const auto next = std::next(pair);
      for (const auto& [in, out] : {std::pair(pair->from.get(), pair->to.get()),
                                    std::pair(pair->to.get(), pair->from.get())}) {
        if (!is_readable(in, 0)) continue;
        is_busy = true;
        if (pass(in, out)) continue;
        pairs_.erase(pair);
        break;
      }
      pair = next;
    }
    return is_busy;
  }
  bool pass(int in, int out) {
    std::array<char, 4096> bytes;
    const ssize_t count = ::recv(in, bytes.data(), bytes.size(), 0);
    if (count <= 0) return false;
    seen_.append(bytes.data(), static_cast<std::size_t>(count));
    return ::send(out, bytes.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
  }

  const std::uint16_t target_port_;
  UniqueFd listener_;
  std::string endpoint_;
  std::atomic<bool> is_over_{false};
  std::mutex mutex_;  // guards what follows
  bool is_silent_ = false;
  std::list<Pair> pairs_;
  std::string seen_;
  std::thread thread_;
};

}  // namespace metlog
