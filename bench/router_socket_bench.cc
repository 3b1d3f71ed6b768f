// What share of the messages that a ZMQ socket can deliver does metlogd write to a file? Each round
// measures a bare libzmq subscriber in its own process, then metlogd with the same plain messages,
// then metlogd with batched frames.
//
//   router_socket_bench METLOGD DIRECTORY [ROUNDS [MESSAGES]]
//
// DIRECTORY is for metlogd's file; use one in memory to leave the disk out.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
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

/// Messages a second, from the first send to the end of the receiving process.
double rate(pid_t receiver, const std::string& endpoint, std::size_t count,
            void (*send_all)(void*, std::size_t)) {
  Clock::time_point begin;
  publish(endpoint, [&](void* socket) {
    begin = Clock::now();
    send_all(socket, count);
  });
  int status = 0;
  if (waitpid(receiver, &status, 0) < 0 || status != 0) fail("the receiver failed");
  return static_cast<double>(count) / std::chrono::duration<double>(Clock::now() - begin).count();
}

double rate_of_bare_subscriber(const std::string& directory, std::size_t count) {
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
  return rate(receiver, endpoint, count, send_plain);
}

double rate_of_metlogd(const std::string& program, const std::string& directory, std::size_t count,
                       void (*send_all)(void*, std::size_t)) {
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
          "--quiet", "--out", out.c_str(), "--count", number.c_str(), "--ready-file",
          endpoint_file.c_str(), nullptr);
    _exit(1);
  }
  std::string endpoint;
  while (!(std::ifstream(endpoint_file) >> endpoint)) std::this_thread::yield();
  const double messages_a_second = rate(receiver, endpoint, count, send_all);
  std::remove(out.c_str());
  return messages_a_second;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) fail("usage: router_socket_bench METLOGD DIRECTORY [ROUNDS [MESSAGES]]");
  const std::size_t rounds = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 10;
  std::size_t count = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 2'000'000;
  count = std::max<std::size_t>(count / kLinesOfAFrame, 1) * kLinesOfAFrame;  // whole frames
  std::vector<double> bare;
  std::vector<double> plain;
  std::vector<double> batched;
  for (std::size_t i = 0; i < std::max<std::size_t>(rounds, 1); ++i) {
    bare.push_back(rate_of_bare_subscriber(argv[2], count) / 1e6);
    plain.push_back(rate_of_metlogd(argv[1], argv[2], count, send_plain) / 1e6);
    batched.push_back(rate_of_metlogd(argv[1], argv[2], count, send_batched) / 1e6);
    std::printf("round %zu: bare subscriber %.2f M/s, metlogd plain %.2f, batched %.2f\n", i + 1,
                bare.back(), plain.back(), batched.back());
  }
  std::printf("median:  bare subscriber %.2f M/s, metlogd plain %.2f (%.2f of it), batched %.2f\n",
              median(bare), median(plain), median(plain) / median(bare), median(batched));
}
