// Ends in the way that its first argument names, with clients that are not closed. Started by
// exit_test. `exiting_program WAY FILE SESSIONS` logs to FILE and keeps its sessions in SESSIONS.

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "metlog/metlog.h"

namespace {

using metlog::Client;
using metlog::ClientOptions;

std::string g_url;
Client* g_client = nullptr;

Client open(ClientOptions options = {}) { return metlog::open_or_exit(g_url, options); }

void log_lines(Client& log, int count) {
  for (int i = 0; i < count; ++i) METLOG_INFO(log, "line {}", i);
}

/// Logs when it is destroyed.
struct Farewell {
  ~Farewell() {
    if (g_client != nullptr) METLOG_INFO(*g_client, "line of a destructor");
  }
};
Farewell g_farewell;

[[gnu::destructor]] void log_last() {
  if (g_client != nullptr) METLOG_INFO(*g_client, "line of a destructor function");
}

void on_the_stack() {
  Client log = open();
  log_lines(log, 1001);
  std::exit(1);
}

void on_the_heap() {
  g_client = new Client(open());
  log_lines(*g_client, 1001);
}

void in_a_static() {
  static Client log = open();
  log_lines(log, 1001);
}

/// The clients have one thread, by which the exit sends what is left of all.
void in_ten_clients() {
  static auto& logs = *new std::vector<Client>();
  for (int i = 0; i < 10; ++i) logs.push_back(open());
  for (int i = 0; i < 100; ++i) {
    for (Client& log : logs) METLOG_INFO(log, "line {}", i);
  }
  std::exit(2);
}

void in_the_holder() {
  Client& log = metlog::get_client("x");
  if (!metlog::reconfigure(log, g_url).ok()) std::exit(9);
  g_client = &log;
  log_lines(log, 1001);
}

void by_a_handler() {
  std::atexit([] { METLOG_INFO(*g_client, "line of a handler"); });
  g_client = new Client(open());
  std::atexit([] { METLOG_INFO(*g_client, "line of a later handler"); });
  static thread_local Farewell of_this_thread;
  (void)&of_this_thread;
  log_lines(*g_client, 997);
  std::exit(0);
}

void in_a_thread_while_others_log() {
  g_client = new Client(open());
  static std::atomic<bool> logs{false};
  for (int i = 0; i < 2; ++i) {
    std::thread([] {
      for (;;) {
        METLOG_INFO(*g_client, "line of a thread");
        logs = true;
      }
    }).detach();
  }
  while (!logs) std::this_thread::yield();
  log_lines(*g_client, 1001);
  std::thread([] { std::exit(3); }).join();
}

void in_a_filter() {
  ClientOptions options;
  options.filters = {metlog::Filter("ends", [](metlog::Message& message) {
    const std::string* const text = message.payload().as_text();
    if (text != nullptr && *text == "line 600") std::exit(4);
    return true;
  })};
  static Client other = open();
  log_lines(other, 10);
  Client log = open(options);
  log_lines(log, 1001);
  for (;;) pause();
}

/// Ends the process in the middle of a batch.
class EndingSender : public metlog::Sender {
 public:
  metlog::SendResult send(metlog::Batch& batch) override {
    batch.take_messages(1);
    std::exit(5);
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "ending:"; }
};

void in_a_sender() {
  static Client other = open();
  log_lines(other, 10);
  Client log = metlog::open(std::make_unique<EndingSender>()).value();
  METLOG_INFO(log, "one");
  METLOG_INFO(log, "two");
  for (;;) pause();
}

void in_a_child() {
  g_client = new Client(open());
  METLOG_INFO(*g_client, "line of the parent");
  const pid_t child = fork();
  if (child == 0) {
    log_lines(*g_client, 1000);
    std::exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  g_client = nullptr;
}

void in_a_child_without_a_call() {
  static Client& log = *new Client(open());
  log_lines(log, 1001);
  const pid_t child = fork();
  if (child == 0) std::exit(0);
  int status = 0;
  waitpid(child, &status, 0);
}

void with_pthread_exit() {
  static Client& log = *new Client(open());
  log_lines(log, 501);
  std::thread([main_thread = pthread_self()] {
    pthread_join(main_thread, nullptr);  // main() has ended when this returns
    log_lines(log, 500);
  }).detach();
  pthread_exit(nullptr);
}

void with_pthread_exit_and_own_names() {
  metlog::EngineOptions options = metlog::Engine::process_options();
  options.thread_name = "shop";
  if (!metlog::Engine::configure(options).ok()) std::exit(9);
  with_pthread_exit();
}

/// Asks for what the flusher guards, from the thread that the exit has to end.
class AskingSender : public metlog::Sender {
 public:
  explicit AskingSender(std::unique_ptr<metlog::Sender> inner) : inner_(std::move(inner)) {}
  metlog::SendResult send(metlog::Batch& batch) override {
    if (g_client != nullptr) (void)g_client->stats();
    return inner_->send(batch);
  }
  bool flush(std::chrono::nanoseconds limit) override {
    if (g_client != nullptr) (void)g_client->stats();
    return inner_->flush(limit);
  }
  [[nodiscard]] std::string_view url() const override { return inner_->url(); }

 private:
  const std::unique_ptr<metlog::Sender> inner_;
};

void with_a_sender_that_asks() {
  const metlog::SenderFactory connect = [] {
    absl::StatusOr<std::unique_ptr<metlog::Sender>> sender = metlog::make_sender(g_url);
    if (sender.ok()) sender = std::make_unique<AskingSender>(*std::move(sender));
    return sender;
  };
  g_client = new Client(metlog::Engine::instance().open(connect).value());
  log_lines(*g_client, 1001);
}

/// Takes nothing.
class BusySender : public metlog::Sender {
 public:
  metlog::SendResult send(metlog::Batch&) override { return metlog::SendResult::kBusy; }
  bool flush(std::chrono::nanoseconds) override { return false; }
  [[nodiscard]] std::string_view url() const override { return "busy:"; }
};

void quickly() {
  g_client = new Client(open());
  std::at_quick_exit([] { METLOG_INFO(*g_client, "line of a handler"); });
  log_lines(*g_client, 1000);
  std::quick_exit(8);
}

void quickly_in_a_child() {
  g_client = new Client(open());
  METLOG_INFO(*g_client, "line of the parent");
  const pid_t child = fork();
  if (child == 0) {
    log_lines(*g_client, 1000);
    std::quick_exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  g_client = nullptr;
}

pthread_key_t key_that_logs() {
  pthread_key_t key{};
  pthread_key_create(&key, [](void*) { METLOG_INFO(*g_client, "line of a key's destructor"); });
  return key;
}

/// Objects of the thread, from before and from after its first call, and keys of both kinds.
void with_thread_locals() {
  const pthread_key_t before = key_that_logs();
  g_client = new Client(open());
  METLOG_INFO(*g_client, "line of the main thread");
  const pthread_key_t after = key_that_logs();
  std::thread([&] {
    static thread_local Farewell early;
    (void)&early;
    pthread_setspecific(before, &g_url);
    log_lines(*g_client, 1000);
    static thread_local Farewell late;
    (void)&late;
    pthread_setspecific(after, &g_url);
  }).join();
}

/// A thread that ends, and logs at its end, while the process exits.
void with_thread_locals_at_exit() {
  g_client = new Client(open());
  std::thread([] {
    static thread_local Farewell of_this_thread;
    (void)&of_this_thread;
    log_lines(*g_client, 1001);
    std::exit(0);
  }).join();
}

void with_a_busy_destination() {
  ClientOptions options;
  options.close_limit = std::chrono::milliseconds(200);
  options.logger = "stuck";
  Client log = metlog::open(std::make_unique<BusySender>(), options).value();
  log_lines(log, 12);
  std::exit(6);
}

void quickly_with_a_busy_destination() {
  ClientOptions options;
  options.close_limit = std::chrono::milliseconds(200);
  options.logger = "stuck";
  static Client log = metlog::open(std::make_unique<BusySender>(), options).value();
  log_lines(log, 12);
  std::quick_exit(6);
}

void with_a_hanging_filter() {
  ClientOptions options;
  options.close_limit = std::chrono::milliseconds(200);
  options.filters = {metlog::Filter("hangs", [](metlog::Message&) -> bool {
    for (;;) pause();
  })};
  Client log = open(options);
  log_lines(log, 12);
  std::exit(7);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 99;
  static const std::map<std::string, std::function<void()>> kWays = {
      {"stack", on_the_stack},
      {"heap", on_the_heap},
      {"static", in_a_static},
      {"ten_clients", in_ten_clients},
      {"holder", in_the_holder},
      {"handlers", by_a_handler},
      {"thread", in_a_thread_while_others_log},
      {"filter", in_a_filter},
      {"sender", in_a_sender},
      {"child", in_a_child},
      {"silent_child", in_a_child_without_a_call},
      {"pthread_exit", with_pthread_exit},
      {"pthread_exit_named", with_pthread_exit_and_own_names},
      {"asking_sender", with_a_sender_that_asks},
      {"busy", with_a_busy_destination},
      {"quick", quickly},
      {"quick_child", quickly_in_a_child},
      {"quick_busy", quickly_with_a_busy_destination},
      {"thread_locals", with_thread_locals},
      {"thread_locals_at_exit", with_thread_locals_at_exit},
      {"hanging_filter", with_a_hanging_filter},
  };
  metlog::EngineOptions engine;
  engine.session_directory = arguments[3];
  if (!metlog::Engine::configure(engine).ok()) return 98;
  g_url = "file:" + std::string(arguments[2]);
  kWays.at(arguments[1])();
  return 0;
}
