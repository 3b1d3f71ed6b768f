#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "metlog/internal/base/unique_fd.h"
#include "tests/delivery/numbered_calls.h"
#include "tests/delivery/zmq_reader.h"
#include "tests/senders/receiver.h"
#include "tests/senders/rotated_lines.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/small_file_system.h"

namespace metlog {

/// A receiver in a state, which turns to another one in the middle of a test.
class TestReceiver {
 public:
  virtual ~TestReceiver() = default;
  /// Empty when it cannot be had here.
  [[nodiscard]] virtual std::string url() const = 0;
  virtual void turn() {}
  /// What has arrived, when the client is closed; waits for so many messages.
  virtual NumberedCalls end(std::uint64_t /*expected*/) { return {}; }
  /// Messages that the receiver's kernel threw away.
  [[nodiscard]] virtual std::uint64_t kernel_drops() const { return 0; }
};

/// A subscriber that reads, reads slowly, does not read, dies, or dies and comes back.
class ZmqState final : public TestReceiver {
 public:
  enum class Turn : std::uint8_t { kStays, kDies, kReturns };

  ZmqState(ZmqReader::Options options, Turn turn)
      : turn_(turn), reader_(std::make_unique<ZmqReader>("tcp://127.0.0.1:*", options)) {
    url_ = reader_->endpoint();
  }
  [[nodiscard]] std::string url() const override { return url_; }
  void turn() override {
    if (turn_ == Turn::kStays) return;
    while (reader_->count() == 0) std::this_thread::yield();
    before_ = reader_->end();
    reader_.reset();
    if (turn_ == Turn::kReturns) reader_ = std::make_unique<ZmqReader>(url_, ZmqReader::Options{});
  }
  NumberedCalls end(std::uint64_t expected) override {
    if (reader_ == nullptr) return before_;
    NumberedCalls all = before_;
    all += reader_->read_to_the_end(expected);
    return all;
  }

 private:
  const Turn turn_;
  std::unique_ptr<ZmqReader> reader_;
  std::string url_;
  NumberedCalls before_;
};

/// A port without a listener.
class ClosedPort final : public TestReceiver {
 public:
  explicit ClosedPort(std::string scheme) : scheme_(std::move(scheme)) {
    Receiver gone;
    port_ = gone.port();
  }
  [[nodiscard]] std::string url() const override {
    return scheme_ + "://127.0.0.1:" + std::to_string(port_);
  }

 private:
  const std::string scheme_;
  int port_;
};

/// A socket whose buffer is small and read at the end, or which closes.
class UdpState final : public TestReceiver {
 public:
  explicit UdpState(bool dies) : dies_(dies) { receiver_.shrink(4096); }
  [[nodiscard]] std::string url() const override { return receiver_.url(); }
  void turn() override {
    if (!dies_) return;
    read();
    receiver_.close();
  }
  NumberedCalls end(std::uint64_t /*expected*/) override {
    if (!dies_) read();
    return arrivals_;
  }
  [[nodiscard]] std::uint64_t kernel_drops() const override {
    return dies_ ? 0 : receiver_.kernel_drops();
  }

 private:
  void read() {
    while (receiver_.has_more()) arrivals_.take_frame(receiver_.receive(1).at(0));
  }
  const bool dies_;
  Receiver receiver_;
  NumberedCalls arrivals_;
};

/// A file on a disk of 4 MiB that is full, and may get room.
class FullDiskState final : public TestReceiver {
 public:
  FullDiskState(std::string options, bool gets_room)
      : options_(std::move(options)), gets_room_(gets_room) {
    if (disk_.is_mounted()) write_content(ballast(), std::string(4 * 1024 * 1024, 'o'));
  }
  [[nodiscard]] std::string url() const override {
    return disk_.is_mounted() ? "file://" + (disk_.path() / "log").string() + options_ : "";
  }
  void turn() override {
    if (gets_room_) std::filesystem::remove(ballast());
  }
  NumberedCalls end(std::uint64_t /*expected*/) override {
    NumberedCalls arrivals;
    arrivals.take_lines(content_of((disk_.path() / "log").string()));
    return arrivals;
  }

 private:
  [[nodiscard]] std::string ballast() const { return (disk_.path() / "ballast").string(); }

  const std::string options_;
  const bool gets_room_;
  const TempDir dir_;
  const SmallFileSystem disk_{dir_.file("disk"), "size=4m,mode=0700"};
};

/// A file that is rotated many times a second.
class RotatedState final : public TestReceiver {
 public:
  [[nodiscard]] std::string url() const override {
    return "file://" + dir_.file("log") + "?rotate_size=256K&rotate_keep=" + std::to_string(kKeep);
  }
  NumberedCalls end(std::uint64_t /*expected*/) override {
    NumberedCalls arrivals;
    for (int number = kKeep; number >= 0; --number) {
      const std::string suffix = number == 0 ? "" : "." + std::to_string(number);
      arrivals.take_lines(content_of(dir_.file("log") + suffix));
    }
    EXPECT_TRUE(std::filesystem::exists(dir_.file("log.2"))) << "void: too few rotations";
    return arrivals;
  }

 private:
  static constexpr int kKeep = 1000;
  const TempDir dir_;
};

/// A named pipe that is open and not read before the end.
class UnreadPipe final : public TestReceiver {
 public:
  UnreadPipe() {
    EXPECT_EQ(::mkfifo(path().c_str(), 0600), 0);
    reader_ = UniqueFd(::open(path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }
  [[nodiscard]] std::string url() const override { return "file://" + path(); }
  NumberedCalls end(std::uint64_t /*expected*/) override {
    std::string text;
    std::array<char, 65'536> bytes;
    for (ssize_t size; (size = ::read(reader_.get(), bytes.data(), bytes.size())) > 0;) {
      text.append(bytes.data(), static_cast<std::size_t>(size));
    }
    NumberedCalls arrivals;
    arrivals.take_lines(text.substr(0, text.rfind('\n') + 1));
    return arrivals;
  }

 private:
  [[nodiscard]] std::string path() const { return dir_.file("fifo"); }
  const TempDir dir_;
  UniqueFd reader_;
};

/// A socket that nobody reads: a local one of datagrams, or a listener of TCP.
class UnreadSocket final : public TestReceiver {
 public:
  explicit UnreadSocket(bool is_local) : is_local_(is_local) {
    socket_ = UniqueFd(::socket(is_local ? AF_UNIX : AF_INET,
                                (is_local ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0));
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, path().data(), path().size());
    sockaddr_in loopback{};
    loopback.sin_family = AF_INET;
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* const address = is_local ? reinterpret_cast<const sockaddr*>(&local)
                                         : reinterpret_cast<const sockaddr*>(&loopback);
    socklen_t size = is_local ? sizeof local : sizeof loopback;
    EXPECT_EQ(::bind(socket_.get(), address, size), 0);
    if (is_local) return;
    EXPECT_EQ(::listen(socket_.get(), 16), 0);
    EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&loopback), &size), 0);
    port_ = ntohs(loopback.sin_port);
  }
  [[nodiscard]] std::string url() const override {
    return is_local_ ? "journald:" + path() : "syslog+tcp://127.0.0.1:" + std::to_string(port_);
  }

 private:
  [[nodiscard]] std::string path() const { return dir_.file("socket"); }
  const bool is_local_;
  const TempDir dir_;
  UniqueFd socket_;
  int port_ = 0;
};

}  // namespace metlog
