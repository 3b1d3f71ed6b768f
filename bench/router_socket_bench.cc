// What share of the messages that a ZMQ socket can deliver does metlogd write to a file, and what
// does a message cost? Each round measures a bare libzmq subscriber in its own process, then
// metlogd with the same plain messages, with batched frames, and with batched frames and a second
// output of JSON to nowhere.
//
//   router_socket_bench METLOGD[,METLOGD...] DIRECTORY [ROUNDS [MESSAGES]]
//
// Several programs, such as those of two commits, are measured in turn in each round. DIRECTORY is
// for metlogd's file; use one in memory to leave the disk out. For each: million messages a second;
// CPU time of the whole process, and of its routing thread, in microseconds a message, both without
// what it takes to start.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "metlog/internal/codec/frame_header.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLinesOfAFrame = 240;  // just below 64 KiB

/// A message as the engine writes it.
std::string message_text() {
  return R"({"type":"oldstyle","logger":"shop.checkout","severity":6,"env_version":"0.8",)"
         R"("metlog_pid":4711,"metlog_hostname":"server-7",)"
         R"("timestamp":"2026-01-18T12:34:56.100000Z","payload":"order 1000000 paid in 17.25 ms",)"
         R"("fields":{"user":1234,"amount":12.5,"country":"de"}})";
}

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "router_socket_bench: %s\n", what);
  std::exit(1);
}

/// Connects, waits for the subscription, and calls `send_all(socket)`.
void publish(const std::string& endpoint, const std::function<void(void*)>& send_all) {
  void* context = zmq_ctx_new();
  void* socket = zmq_socket(context, ZMQ_XPUB);
  const int yes = 1;
  const int high_water = 10'000;
  zmq_setsockopt(socket, ZMQ_XPUB_NODROP, &yes, sizeof yes);
  zmq_setsockopt(socket, ZMQ_SNDHWM, &high_water, sizeof high_water);
  if (zmq_connect(socket, endpoint.c_str()) != 0) fail("cannot connect");
  char subscription[16];
  if (zmq_recv(socket, subscription, sizeof subscription, 0) < 1) fail("no subscriber");
  send_all(socket);
  zmq_close(socket);
  zmq_ctx_term(context);
}

void send(void* socket, const std::string& frame) {
  while (zmq_send(socket, frame.data(), frame.size(), 0) < 0) {
    if (zmq_errno() != EAGAIN && zmq_errno() != EINTR) fail("cannot send");
  }
}

void send_plain(void* socket, std::size_t count) {
  const std::string text = message_text();
  for (std::size_t i = 0; i < count; ++i) send(socket, text);
}

void send_batched(void* socket, std::size_t count) {
  std::string body;
  for (std::size_t i = 0; i < kLinesOfAFrame; ++i) body.append(message_text()).append("\n");
  metlog::FrameHeader header;
  header.count = kLinesOfAFrame;
  header.body_bytes = static_cast<std::uint32_t>(body.size());
  std::string frame = std::string(metlog::FrameHeader::kBytes, '\0') + body;
  for (; header.sequence < count; header.sequence += kLinesOfAFrame) {
    header.write(reinterpret_cast<unsigned char*>(frame.data()), body, 0);
    send(socket, frame);
  }
}

/// What one receiver has reached.
struct Reached {
  double mega_per_s = 0;  // messages, from the first send to the end of the receiving process
  double cpu_us = 0;      // of the whole process for each message
  double routing_us = 0;  // of its first thread
};

/// CPU time in us of the process's first thread, also when the process has ended and is not waited
/// for.
double thread_us(pid_t process) {
  double ns = 0;
  std::ifstream("/proc/" + std::to_string(process) + "/schedstat") >> ns;
  return ns / 1000;
}

double process_us(pid_t process) {
  clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1000;
}

Reached send_to(pid_t receiver, const std::string& endpoint, std::size_t count,
                void (*send_all)(void*, std::size_t)) {
  Clock::time_point begin;
  double process_before = 0;
  double thread_before = 0;
  publish(endpoint, [&](void* socket) {
    process_before = process_us(receiver);
    thread_before = thread_us(receiver);
    begin = Clock::now();
    send_all(socket, count);
  });
  siginfo_t ended{};
  if (waitid(P_PID, static_cast<id_t>(receiver), &ended, WEXITED | WNOWAIT) < 0) {
    fail("the receiver failed");
  }
  const auto messages = static_cast<double>(count);
  Reached reached;
  reached.mega_per_s = messages / std::chrono::duration<double>(Clock::now() - begin).count() / 1e6;
  reached.routing_us = (thread_us(receiver) - thread_before) / messages;
  int status = 0;
  rusage used{};
  if (wait4(receiver, &status, 0, &used) < 0 || status != 0) fail("the receiver failed");
  const auto us = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  reached.cpu_us = (us(used.ru_utime) + us(used.ru_stime) - process_before) / messages;
  return reached;
}

Reached bare_subscriber(const std::string& directory, std::size_t count) {
  const std::string endpoint_file = directory + "/endpoint";
  std::remove(endpoint_file.c_str());
  const pid_t receiver = fork();
  if (receiver == 0) {
    void* socket = zmq_socket(zmq_ctx_new(), ZMQ_SUB);
    const int high_water = 10'000;
    zmq_setsockopt(socket, ZMQ_RCVHWM, &high_water, sizeof high_water);
    zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
    char endpoint[256];
    std::size_t size = sizeof endpoint;
    if (zmq_bind(socket, "tcp://127.0.0.1:*") != 0) _exit(1);
    zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size);
    std::ofstream(endpoint_file + ".new") << endpoint << std::endl;
    std::rename((endpoint_file + ".new").c_str(), endpoint_file.c_str());
    std::vector<char> buffer(1 << 20);
    for (std::size_t i = 0; i < count; ++i) {
      if (zmq_recv(socket, buffer.data(), buffer.size(), 0) < 0) _exit(1);
    }
    _exit(0);
  }
  std::string endpoint;
  while (!(std::ifstream(endpoint_file) >> endpoint)) std::this_thread::yield();
  return send_to(receiver, endpoint, count, send_plain);
}

Reached metlogd(const std::string& program, const std::string& directory, std::size_t count,
                void (*send_all)(void*, std::size_t), const char* second_output = "none") {
  const std::string endpoint_file = directory + "/endpoint";
  const std::string out = directory + "/metlogd.jsonl";
  const std::string number = std::to_string(count);
  std::remove(endpoint_file.c_str());
  std::remove(out.c_str());
  const pid_t receiver = fork();
  if (receiver == 0) {
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, 1);
    execl(program.c_str(), program.c_str(), "--zmq", "tcp://127.0.0.1:*", "--udp", "none",
          "--quiet", "--out", out.c_str(), "--out", second_output, "--count", number.c_str(),
          "--ready-file", endpoint_file.c_str(), nullptr);
    _exit(1);
  }
  std::string endpoint;
  while (!(std::ifstream(endpoint_file) >> endpoint)) std::this_thread::yield();
  const Reached reached = send_to(receiver, endpoint, count, send_all);
  std::remove(out.c_str());
  return reached;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The rounds of one row.
class Row {
 public:
  explicit Row(std::string name) : name_(std::move(name)) {}
  void add(const Reached& reached) {
    rates_.push_back(reached.mega_per_s);
    cpus_.push_back(reached.cpu_us);
    routings_.push_back(reached.routing_us);
  }
  void show() const {
    std::printf("%-32s  %6.2f  %7.3f  %7.3f\n", name_.c_str(), median(rates_), median(cpus_),
                median(routings_));
  }
  [[nodiscard]] double rate() const { return median(rates_); }
  [[nodiscard]] double routing_us() const { return median(routings_); }

 private:
  const std::string name_;
  std::vector<double> rates_;
  std::vector<double> cpus_;
  std::vector<double> routings_;
};

std::vector<std::string> programs_in(const std::string& list) {
  std::vector<std::string> programs;
  std::stringstream text(list);
  for (std::string program; std::getline(text, program, ',');) programs.push_back(program);
  return programs;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3)
    fail("usage: router_socket_bench METLOGD[,METLOGD...] DIRECTORY [ROUNDS [MESSAGES]]");
  const std::vector<std::string> programs = programs_in(argv[1]);
  const std::string directory = argv[2];
  const std::size_t rounds = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 10;
  std::size_t count = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 2'000'000;
  count = std::max<std::size_t>(count / kLinesOfAFrame, 1) * kLinesOfAFrame;  // whole frames
  Row bare("bare subscriber");
  std::vector<Row> rows;
  for (std::size_t i = 1; i <= programs.size(); ++i) {
    for (const char* const what : {"plain", "batched", "batched, a second output"}) {
      rows.emplace_back("metlogd " + std::to_string(i) + ": " + what);
    }
  }
  for (std::size_t round = 0; round < std::max<std::size_t>(rounds, 1); ++round) {
    bare.add(bare_subscriber(directory, count));
    for (std::size_t turn = 0; turn < programs.size(); ++turn) {
      // Another one first in each round.
      const std::size_t i = (turn + round) % programs.size();
      rows[3 * i].add(metlogd(programs[i], directory, count, send_plain));
      rows[3 * i + 1].add(metlogd(programs[i], directory, count, send_batched));
      rows[3 * i + 2].add(metlogd(programs[i], directory, count, send_batched, "null:"));
    }
    std::fprintf(stderr, "round %zu of %zu\n", round + 1, rounds);
  }
  std::printf("%-32s  %6s  %7s  %7s\n", "medians", "M/s", "CPU us", "routing");
  bare.show();
  for (const Row& row : rows) row.show();
  for (std::size_t i = 0; i < programs.size(); ++i) {
    std::printf(
        "metlogd %zu: plain %.2f of the bare subscriber; a second output costs its routing "
        "thread %+.3f us a message\n",
        i + 1, rows[3 * i].rate() / bare.rate(),
        rows[3 * i + 2].routing_us() - rows[3 * i + 1].routing_us());
  }
}
