#include "tools/metlog/tune/measure/point_runner.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"

extern char** environ;

namespace metlog {
namespace {

constexpr int kPollMs = 50;

/// Starts it with its standard output in the pipe; returns 0 or an errno.
int start_self(const std::vector<std::string>& arguments, int write_end, pid_t& pid) {
  std::vector<char*> argv;
  std::string name = "metlog";
  argv.push_back(name.data());
  std::vector<std::string> own = arguments;
  for (std::string& argument : own) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, write_end, STDOUT_FILENO);
  const int error = posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

/// Reads until the end of the output; false when it was stopped or timed out, see `how`.
bool collect(int read_end, std::string& output, std::chrono::steady_clock::time_point deadline,
             const std::function<bool()>& must_stop, ChildEnd::How& how) {
  std::array<char, 4096> buffer{};
  while (true) {
    if (must_stop()) {
      how = ChildEnd::How::kStopped;
      return false;
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      how = ChildEnd::How::kTimedOut;
      return false;
    }
    pollfd input{read_end, POLLIN, 0};
    if (poll(&input, 1, kPollMs) <= 0) continue;
    const ssize_t count = ::read(read_end, buffer.data(), buffer.size());
    if (count == 0) return true;
    if (count > 0) output.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

std::string ChildEnd::trouble() const {
  switch (how) {
    case How::kExited:
      return code == 0 ? "" : "ended with exit code " + std::to_string(code);
    case How::kKilled:
      return "killed by signal " + std::to_string(code);
    case How::kTimedOut:
      return "hung: killed after " + std::to_string(code) + " ms";
    case How::kStopped:
      return "stopped";
    case How::kNotStarted:
      break;
  }
  return std::string("could not be started: ") + std::strerror(code);
}

ChildEnd run_self(const std::vector<std::string>& arguments, std::chrono::milliseconds limit,
                  const std::function<bool()>& must_stop) {
  ChildEnd end;
  std::array<int, 2> pipe_ends{-1, -1};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
    end.code = errno;
    return end;
  }
  const UniqueFd read_end(pipe_ends[0]);
  UniqueFd write_end(pipe_ends[1]);
  pid_t pid = 0;
  end.code = start_self(arguments, write_end.get(), pid);
  if (end.code != 0) return end;
  write_end = UniqueFd();
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const bool ended = collect(read_end.get(), end.output, deadline, must_stop, end.how);
  if (!ended) kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) {
    end.code = static_cast<int>(limit.count());
  } else if (WIFSIGNALED(status)) {
    end.how = ChildEnd::How::kKilled;
    end.code = WTERMSIG(status);
  } else {
    end.how = ChildEnd::How::kExited;
    end.code = WEXITSTATUS(status);
  }
  return end;
}

namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;

/// Counts the complete lines; returns the rest, after the last newline.
std::string_view count_lines(std::string_view text, Arrival& arrival) {
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    const std::string_view line = text.substr(0, end);
    if (!line.empty()) arrival.messages += static_cast<std::uint64_t>(user_messages_in(line));
    text.remove_prefix(end + 1);
  }
  return text;
}

}  // namespace

std::optional<Arrival> count_written_lines(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!file.is_open() || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  Arrival arrival;
  std::string rest;
  std::vector<char> buffer(kChunk);
  while (true) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count <= 0) return arrival;
    rest.append(buffer.data(), static_cast<std::size_t>(count));
    const std::size_t left = count_lines(rest, arrival).size();
    rest.erase(0, rest.size() - left);
  }
}

namespace {

// For opening, the handshake, a destination that refuses for a while, and closing.
constexpr std::uint64_t kGraceMs = 5000;

void add_option(std::string& url, std::string_view option) {
  url += url.find('?') == std::string::npos ? '?' : '&';
  url += option;
}

}  // namespace

Row PointRunner::measure(const Setting& setting) {
  Row row;
  row.before = probe_core_distance();
  row.latency = measure_phase(Measure::kLatency, setting, row);
  // What cannot be opened now cannot be opened for the second phase either.
  const Fault fault = row.latency.fault;
  const bool is_hopeless = fault == Fault::kUnavailable || fault == Fault::kBroken;
  row.throughput = is_hopeless ? failed_phase(fault, row.latency.remark)
                               : measure_phase(Measure::kThroughput, setting, row);
  row.units = is_hopeless ? failed_phase(fault, row.latency.remark)
                          : measure_phase(Measure::kUnits, setting, row);
  row.after = probe_core_distance();
  return row;
}

Phase PointRunner::measure_phase(Measure measure, const Setting& setting, Row& row) {
  PointOptions asked;
  asked.measure = measure;
  asked.setting = setting;
  asked.session_directory = options_.session_directory;
  asked.phase_ms = options_.phase_ms;
  asked.rate = options_.rate;
  std::unique_ptr<Receiver> receiver;
  if (setting.transport == Transport::kNull) {
    asked.url = "null:";
  } else if (setting.transport == Transport::kFile) {
    asked.url = file_url(options_.file).text;
    add_option(asked.url, "hold_ms=200");
  } else {
    const std::string ipc_path = options_.directory + "/ipc";
    absl::StatusOr<std::unique_ptr<Receiver>> opened = Receiver::open(setting.transport, ipc_path);
    if (!opened.ok()) {
      return failed_phase(Fault::kUnavailable,
                          "not available here: " + std::string(opened.status().message()));
    }
    receiver = *std::move(opened);
    asked.url = receiver->url();
    asked.url += query_of(setting.transport);
  }
  return run(asked, receiver.get(), row);
}

Phase PointRunner::run(const PointOptions& asked, Receiver* receiver, Row& row) {
  const std::chrono::milliseconds limit(4 * asked.phase_ms + kGraceMs);
  const ChildEnd end = run_self(to_arguments(asked), limit, options_.must_stop);
  const std::optional<PointReport> report = parse_point_report(end.output);
  const std::uint64_t sent = report.has_value() ? report->ledger.sent : 0;
  std::optional<Arrival> arrival;
  if (receiver != nullptr) arrival = receiver->finish(sent);
  if (asked.setting.transport == Transport::kFile) {
    arrival = count_written_lines(options_.file);
    // A device stays. A file goes, or the next point would count its lines again.
    if (arrival.has_value()) unlink(options_.file.c_str());
  }
  if (!end.trouble().empty()) return failed_phase(Fault::kBroken, end.trouble());
  if (!report.has_value()) return failed_phase(Fault::kBroken, "reported nothing that can be read");
  if (asked.measure == Measure::kLatency) {
    row.burst = report->burst;
    row.single = report->single;
    row.empty_ns = report->empty_ns;
  }
  if (asked.measure == Measure::kUnits) row.cost = report->cost;
  return judge(asked, *report, arrival);
}

}  // namespace metlog
