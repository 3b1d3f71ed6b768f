#include "bench/host_cost/http_load.h"

#include <httplib.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>

#include "bench/host_cost/measured_span.h"
#include "docs/examples/shop.h"

namespace metlog {
namespace {

constexpr std::size_t kConnections = 8;
constexpr const char* kUser = "sixteen.letters.";

bool is_in_path(const std::string& program) {
  const char* const path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const std::string file = std::string(rest.substr(0, end)) + "/" + program;
    if (access(file.c_str(), X_OK) == 0) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

/// The shop of docs/examples on a thread for each connection, as cpp-httplib serves.
class LoggingServer {
 public:
  LoggingServer(CostSubject& subject, std::uint64_t messages)
      : subject_(subject), messages_(messages) {
    server_.set_tcp_nodelay(true);
    server_.set_keep_alive_max_count(SIZE_MAX);
    server_.new_task_queue = [] { return new httplib::ThreadPool(kConnections); };
    server_.Get("/order", [this](const httplib::Request& request, httplib::Response& response) {
      answer(request, response);
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    if (port_ <= 0) return;
    listener_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~LoggingServer() { stop(); }
  LoggingServer(const LoggingServer&) = delete;
  LoggingServer& operator=(const LoggingServer&) = delete;

  /// 0 or less when there is none.
  [[nodiscard]] int port() const { return port_; }
  /// Returns the number of calls.
  std::uint64_t stop() {
    if (listener_.joinable()) {
      server_.stop();
      listener_.join();
    }
    return calls_.load();
  }

 private:
  void answer(const httplib::Request& request, httplib::Response& response) {
    static thread_local const int kNamed = pthread_setname_np(pthread_self(), "worker");
    (void)kNamed;
    const shop::Answer page =
        shop_.order(request.get_param_value("item"), request.get_param_value("count"));
    response.status = page.status;
    response.set_content(page.body, "application/json");
    // relaxed: numbers that must only be unique
    const std::uint64_t first = calls_.fetch_add(messages_, std::memory_order_relaxed) + 1;
    for (std::uint64_t i = 0; i < messages_; ++i) {
      subject_.log(first + i, 0.5 * static_cast<double>(page.body.size()), kUser);
    }
  }

  CostSubject& subject_;
  const std::uint64_t messages_;
  const shop::Shop shop_;
  httplib::Server server_;
  int port_ = 0;
  std::thread listener_;
  std::atomic<std::uint64_t> calls_{0};
};

std::string output_of(const std::string& command) {
  std::string output;
  FILE* const pipe = popen(command.c_str(), "re");
  if (pipe == nullptr) return output;
  std::array<char, 4096> part;
  for (std::size_t count = 1; count > 0;) {
    count = std::fread(part.data(), 1, part.size(), pipe);
    output.append(part.data(), count);
  }
  pclose(pipe);
  return output;
}

/// Reads wrk's report.
void read_report(const std::string& report, Measurement& measurement) {
  constexpr std::string_view kRate = "Requests/sec:";
  const std::size_t rate = report.find(kRate);
  for (const char* const fault : {"Socket errors:", "Non-2xx or 3xx responses:"}) {
    const std::size_t at = report.find(fault);
    if (at == std::string::npos) continue;
    measurement.error = "wrk: " + report.substr(at, report.find('\n', at) - at);
  }
  if (rate == std::string::npos) {
    measurement.error = "wrk gave no rate: " + report.substr(0, report.find('\n'));
    return;
  }
  measurement.figures["requests_per_s"] =
      std::strtod(report.c_str() + rate + kRate.size(), nullptr);
}

}  // namespace

absl::Status check_http_load() {
  if (is_in_path("wrk")) return absl::OkStatus();
  return absl::NotFoundError(
      "there is no wrk in PATH, which sends the requests; apt-get install wrk, or tools/deps "
      "--load");
}

std::uint64_t run_http_load(const CostCase& cost_case, CostSubject& subject, double seconds,
                            pid_t router, Measurement& measurement) {
  LoggingServer server(subject, cost_case.messages);
  if (server.port() <= 0) {
    measurement.error = "cannot listen on a port of 127.0.0.1";
    return 0;
  }
  // wrk takes whole seconds.
  const std::string command = "exec wrk -t1 -c" + std::to_string(kConnections) + " -d" +
                              std::to_string(std::lround(std::max(std::ceil(seconds), 1.0))) +
                              "s 'http://127.0.0.1:" + std::to_string(server.port()) +
                              "/order?item=7&count=3' 2>&1";
  const MeasuredSpan span(router);
  const std::string report = output_of(command);
  const double load_s = span.seconds();
  measurement.figures["load_s"] = load_s;
  span.report(load_s, measurement);
  read_report(report, measurement);
  return server.stop();
}

}  // namespace metlog
