// A small shop on cpp-httplib that embeds metlog: every request is logged, counted and timed.
//
//   http_server --port 8080 --metlog tcp://127.0.0.1:5565
//   curl 'http://127.0.0.1:8080/order?item=7&count=3'

#include <httplib.h>
#include <metlog/metlog.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "docs/examples/call_latency.h"
#include "docs/examples/shop.h"
#include "docs/examples/summary.h"

namespace shop {
namespace {

struct Options {
  int port = 8080;
  std::size_t threads = 8;
  std::string metlog_url = "tcp://127.0.0.1:5565";
  bool without_metlog = false;
  std::string ready_file;
  std::string summary_file;
};

using Page = std::function<Answer(const httplib::Request&)>;

/// Answers requests with the shop's pages and logs each to `log`, unless that is null.
class Front {
 public:
  explicit Front(metlog::Client* log) : log_(log) {}

  void add_routes(httplib::Server& server);
  [[nodiscard]] std::uint64_t served_count() const { return served_.load(); }
  [[nodiscard]] LatencyCounts log_calls() const { return log_calls_.total(); }

 private:
  void add_route(httplib::Server& server, const std::string& pattern, Page page);
  void answer_observed(metlog::Client& log, const Page& page, const httplib::Request& request,
                       httplib::Response& response);

  metlog::Client* const log_;
  const Shop shop_;
  CallLatency log_calls_;
  std::atomic<std::uint64_t> served_{0};
};

void answer(const Page& page, const httplib::Request& request, httplib::Response& response) {
  const Answer answer = page(request);
  response.status = answer.status;
  response.set_content(answer.body, "application/json");
}

void Front::answer_observed(metlog::Client& log, const Page& page, const httplib::Request& request,
                            httplib::Response& response) {
  METLOG_TIMER(log, "request");
  const auto start = std::chrono::steady_clock::now();
  answer(page, request, response);
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);

  const std::uint64_t before = now_ticks();
  METLOG_INFO(log, "{} {}", request.method, request.path, metlog::kv("status", response.status),
              metlog::kv("bytes", response.body.size()), metlog::kv("us", took.count()));
  log_calls_.record(now_ticks() - before);

  METLOG_INCR(log, "requests");
}

void Front::add_route(httplib::Server& server, const std::string& pattern, Page page) {
  server.Get(pattern, [this, page = std::move(page)](const httplib::Request& request,
                                                     httplib::Response& response) {
    if (log_ != nullptr) {
      answer_observed(*log_, page, request, response);
    } else {
      answer(page, request, response);
    }
    served_.fetch_add(1, std::memory_order_relaxed);  // a counter; no data depends on it
  });
}

void Front::add_routes(httplib::Server& server) {
  add_route(server, "/order", [this](const httplib::Request& request) {
    return shop_.order(request.get_param_value("item"), request.get_param_value("count"));
  });
  add_route(server, "/stock", [this](const httplib::Request& request) {
    return shop_.stock(request.get_param_value("item"));
  });
  add_route(server, ".*", [](const httplib::Request&) {
    return Answer{404, R"({"error":"no such page; try /order?item=7&count=3"})"};
  });
}

/// Writes a file that appears complete, so that a waiting reader never sees half of it.
bool write_file(const std::string& path, const std::string& text) {
  const std::string draft = path + ".part";
  std::ofstream(draft) << text;
  std::error_code error;
  std::filesystem::rename(draft, path, error);
  if (error) std::fprintf(stderr, "http_server: cannot write %s\n", path.c_str());
  return !error;
}

bool listen_on(httplib::Server& server, const Options& options, int& port) {
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(SIZE_MAX);
  server.new_task_queue = [threads = options.threads] { return new httplib::ThreadPool(threads); };
  port = options.port;
  if (port == 0) {
    port = server.bind_to_any_port("127.0.0.1");
  } else if (!server.bind_to_port("127.0.0.1", port)) {
    port = -1;
  }
  if (port < 0) {
    std::fprintf(stderr, "http_server: cannot bind 127.0.0.1:%d; --port 0 picks a free one\n",
                 options.port);
  }
  return port > 0;
}

/// Serves until SIGINT or SIGTERM; false when it could not begin.
bool serve(Front& front, const Options& options, const sigset_t& end_signals) {
  httplib::Server server;
  front.add_routes(server);
  int port = 0;
  if (!listen_on(server, options, port)) return false;
  std::thread listener([&server] {
    server.listen_after_bind();
    ::kill(::getpid(), SIGTERM);  // wakes the wait below when accepting ended by itself
  });
  while (!server.is_running()) std::this_thread::yield();  // an earlier stop() has no effect
  const std::string url = "http://127.0.0.1:" + std::to_string(port);
  std::printf("http_server: listening on %s\n", url.c_str());
  std::fflush(stdout);
  bool is_ready = options.ready_file.empty() || write_file(options.ready_file, url + "\n");
  int received = 0;
  if (is_ready) sigwait(&end_signals, &received);
  server.stop();
  listener.join();
  return is_ready;
}

int run(const Options& options, const sigset_t& end_signals, metlog::Client* log) {
  Front front(log);
  Summary summary{.empty_calls = CallLatency::measure_nothing()};
  if (!serve(front, options, end_signals)) return 2;
  summary.requests = front.served_count();
  summary.log_calls = front.log_calls();
  if (log != nullptr) {
    log->close(std::chrono::seconds(10));
    summary.ledger = log->stats();
  }
  const std::string json = to_json(summary);
  if (options.summary_file.empty()) {
    std::printf("%s", json.c_str());
    return 0;
  }
  return write_file(options.summary_file, json) ? 0 : 2;
}

}  // namespace
}  // namespace shop

int main(int argc, char** argv) {
  shop::Options options;
  CLI::App app("A small shop over HTTP that logs, counts and times each request with metlog");
  app.add_option("--port", options.port, "TCP port on 127.0.0.1; 0 picks a free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "threads, and so connections served at a time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--metlog", options.metlog_url, "where the messages go")->capture_default_str();
  app.add_flag("--no-metlog", options.without_metlog, "serve without logging, to compare");
  app.add_option("--ready-file", options.ready_file, "written with the URL once it listens");
  app.add_option("--summary", options.summary_file, "JSON at the end; standard output if none");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  // Blocked before any thread starts, so that only serve() receives them.
  sigset_t end_signals;
  sigemptyset(&end_signals);
  sigaddset(&end_signals, SIGINT);
  sigaddset(&end_signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &end_signals, nullptr);

  if (options.without_metlog) return shop::run(options, end_signals, nullptr);
  metlog::Client log = metlog::open_or_exit(options.metlog_url, {.logger = "shop"});
  return shop::run(options, end_signals, &log);
}
