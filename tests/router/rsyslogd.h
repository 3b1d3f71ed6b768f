#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/senders/temp_dir.h"

namespace metlog {

/// A real rsyslogd with a configuration of its own, on ports of the kernel's choice. It writes what
/// it has understood of each message as a line of JSON.
class Rsyslogd {
 public:
  /// Starts it and waits until it listens; see is_running().
  Rsyslogd();
  ~Rsyslogd();
  Rsyslogd(const Rsyslogd&) = delete;
  Rsyslogd& operator=(const Rsyslogd&) = delete;

  [[nodiscard]] bool is_running() const { return tcp_port_ != 0 && udp_port_ != 0; }
  [[nodiscard]] std::uint16_t tcp_port() const { return tcp_port_; }
  [[nodiscard]] std::uint16_t udp_port() const { return udp_port_; }
  [[nodiscard]] std::string socket_path() const { return path("log"); }
  /// Another one, which is read as Debian's /dev/log is: by the parser for syslog(3).
  [[nodiscard]] std::string dev_log_path() const { return path("dev-log"); }

  /// Ends it, without a chance to write what it has not written yet.
  void kill();
  /// Starts it again, with the same socket and file, and other ports; waits as the constructor
  /// does.
  void restart();

  /// Waits until it has written so many lines, for a minute at most; returns what is there.
  [[nodiscard]] std::vector<std::string> wait_for_lines(std::size_t count) const;

 private:
  [[nodiscard]] std::string path(const std::string& name) const { return directory_.file(name); }
  void write_configuration() const;
  [[nodiscard]] std::uint16_t find_udp_port() const;

  TempDir directory_;
  pid_t pid_ = -1;
  std::uint16_t tcp_port_ = 0;
  std::uint16_t udp_port_ = 0;
};

}  // namespace metlog
