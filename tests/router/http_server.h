#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace metlog {

/// tests/tools/http_server.py in a process of its own: a server that answers by a script.
class HttpServer {
 public:
  explicit HttpServer(const std::vector<std::string>& script) {
    int in[2];
    int out[2];
    if (::pipe(in) != 0 || ::pipe(out) != 0) std::abort();
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      for (const int fd : {in[0], in[1], out[0], out[1]}) ::close(fd);
      std::vector<std::string> words = {"python3", METLOG_HTTP_SERVER};
      words.insert(words.end(), script.begin(), script.end());
      std::vector<char*> arguments;
      for (std::string& word : words) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      ::execvp("python3", arguments.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    stdin_ = in[1];
    stdout_ = out[0];
    port_ = read_line();
    EXPECT_FALSE(port_.empty()) << "python3 " METLOG_HTTP_SERVER " did not start";
  }
  ~HttpServer() {
    ::close(stdin_);
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    ::close(stdout_);
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::string url(const std::string& path = "/in") const {
    return "http://127.0.0.1:" + port_ + path;
  }
  /// Waits for the next request: a JSON object of method, path, headers, body, step, connection.
  std::string next_request() { return read_line(); }

 private:
  /// Empty when none comes in time, or any more.
  std::string read_line() {
    constexpr int kLimitMs = 60'000;
    std::size_t end = 0;
    while ((end = read_.find('\n')) == std::string::npos) {
      pollfd readable{stdout_, POLLIN, 0};
      char piece[4096];
      if (::poll(&readable, 1, kLimitMs) <= 0) return {};
      const ssize_t count = ::read(stdout_, piece, sizeof piece);
      if (count <= 0) return {};
      read_.append(piece, static_cast<std::size_t>(count));
    }
    std::string line = read_.substr(0, end);
    read_.erase(0, end + 1);
    return line;
  }

  pid_t process_ = -1;
  int stdin_ = -1;
  int stdout_ = -1;
  std::string read_;
  std::string port_;
};

}  // namespace metlog
