#include "tests/router/rsyslogd.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace metlog {
namespace {

constexpr std::chrono::seconds kLimit{60};
constexpr std::chrono::milliseconds kNap{2};

/// Waits until `is_so()`; false after kLimit.
template <typename Condition>
bool wait_until(Condition is_so) {
  const auto end = std::chrono::steady_clock::now() + kLimit;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(kNap);
  }
  return true;
}

}  // namespace

Rsyslogd::Rsyslogd() { restart(); }

void Rsyslogd::restart() {
  kill();
  tcp_port_ = udp_port_ = 0;
  std::error_code none;
  std::filesystem::remove(socket_path(), none);
  std::filesystem::remove(dev_log_path(), none);
  std::filesystem::remove(path("port"), none);
  write_configuration();
  const std::string configuration = path("rsyslog.conf");
  const std::string pid_file = path("pid");
  const std::string errors = path("errors");
  const char* const arguments[] = {"rsyslogd",       "-n",   "-f", configuration.c_str(), "-i",
                                   pid_file.c_str(), nullptr};
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    // It does not outlive a test that is killed.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    const int fd = ::open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) ::dup2(fd, stream);
    for (const char* const program : {"/usr/sbin/rsyslogd", "/sbin/rsyslogd"}) {
      ::execv(program, const_cast<char* const*>(arguments));
    }
    ::_exit(127);
  }
  if (pid_ < 0) return;
  const std::string port_file = path("port");
  const bool listens = wait_until([&] {
    return ::waitpid(pid_, nullptr, WNOHANG) != 0 ||
           (!content_of(port_file).empty() && (udp_port_ = find_udp_port()) != 0 &&
            std::filesystem::exists(socket_path()) && std::filesystem::exists(dev_log_path()));
  });
  if (listens) tcp_port_ = static_cast<std::uint16_t>(std::atoi(content_of(port_file).c_str()));
}

Rsyslogd::~Rsyslogd() { kill(); }

void Rsyslogd::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void Rsyslogd::write_configuration() const {
  write_content(path("rsyslog.conf"), R"(
global(workDirectory=")" + directory_.path().string() +
                                          R"(" maxMessageSize="64k"
       parser.escapeControlCharactersOnReceive="off" net.enableDNS="off")
module(load="imudp")
module(load="imtcp")
module(load="imuxsock" SysSock.Use="off")
module(load="mmpstrucdata")
template(name="all" type="list") { property(name="jsonmesg") constant(value="\n") }
ruleset(name="write") {
  action(type="mmpstrucdata")
  action(type="omfile" file=")" + path("out") +
                                          R"(" template="all" flushOnTXEnd="on")
}
input(type="imuxsock" Socket=")" + socket_path() +
                                          R"(" ruleset="write" RateLimit.Interval="0"
      UsePIDFromSystem="off" Annotate="off" ParseTrusted="off" UseSysTimeStamp="off"
      UseSpecialParser="off")
input(type="imuxsock" Socket=")" + dev_log_path() +
                                          R"(" ruleset="write" RateLimit.Interval="0")
input(type="imudp" address="127.0.0.1" port="0" ruleset="write")
input(type="imtcp" address="127.0.0.1" port="0" listenPortFileName=")" +
                                          path("port") + R"("
      ruleset="write")
)");
}

/// The port of its UDP socket: that of /proc/net/udp whose inode one of its descriptors has.
std::uint16_t Rsyslogd::find_udp_port() const {
  std::string inodes;
  std::error_code error;
  const std::string descriptors = "/proc/" + std::to_string(pid_) + "/fd";
  for (const auto& entry : std::filesystem::directory_iterator(descriptors, error)) {
    inodes += std::filesystem::read_symlink(entry.path(), error).string() + "\n";
  }
  std::ifstream sockets("/proc/net/udp");
  for (std::string line; std::getline(sockets, line);) {
    std::istringstream words(line);
    std::string word;
    std::string local;
    for (int i = 0; i < 10 && words >> word; ++i) {
      if (i == 1) local = word;
    }
    const std::size_t colon = local.find(':');
    if (colon == std::string::npos || inodes.find("socket:[" + word + "]") == std::string::npos) {
      continue;
    }
    return static_cast<std::uint16_t>(std::stoul(local.substr(colon + 1), nullptr, 16));
  }
  return 0;
}

std::vector<std::string> Rsyslogd::wait_for_lines(std::size_t count) const {
  std::vector<std::string> lines;
  wait_until([&] {
    lines.clear();
    const std::string text = content_of(path("out"));
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      lines.push_back(text.substr(begin, end - begin));
    }
    return lines.size() >= count;
  });
  return lines;
}

}  // namespace metlog
