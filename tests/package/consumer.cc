// A program that knows <metlog/metlog.h> alone and uses once each of what that header gives.
#include <metlog/metlog.h>

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

namespace {

int add(int a, int b) { return a + b; }

// A coroutine that runs to its end when it is called.
struct Task {
  struct promise_type {
    metlog::CarriedContext context;
    Task get_return_object() { return {}; }
    auto initial_suspend() { return context.carry(std::suspend_never{}); }
    auto final_suspend() noexcept { return context.carry(std::suspend_never{}); }
    void return_void() {}
    void unhandled_exception() {}
  };
};
Task log_in_coroutine(metlog::Client& log) {
  METLOG_INFO(log, "in a coroutine");
  co_return;
}

/// Counts the calls that are let through, and those that did not do what they should.
struct Account {
  std::uint64_t calls = 0;
  std::uint64_t wrong = 0;

  void expect(bool is_right, const char* what) {
    if (!is_right) std::fprintf(stderr, "consumer: %s\n", what);
    wrong += is_right ? 0 : 1;
  }
};

void make_calls(metlog::Client& log, Account& account) {
  METLOG_INFO(log, "{} of {}", "built outside", 1);
  METLOG_EVERY_N(10, METLOG_ERROR, log, "{}", "limited");
  log.info(metlog::percent("%s of %d", "percent", 2)).IgnoreError();
  const metlog::secret<std::string> token(std::string("hidden"));
  METLOG_INFO(log, "token {}", token);
  log.timer("timer").stop();
  account.expect(metlog::timed(log, "timed", add)(1, 2) == 3, "timed()");
  account.calls += 6;

  const metlog::ScopedContext context({{"request", 7}});
  const metlog::ScopedTrace trace(metlog::start_trace());
  account.expect(metlog::current_trace().has_value(), "current_trace()");
  metlog::with_context([&log] { METLOG_INFO(log, "with a context"); })();
  log_in_coroutine(log);
  account.calls += 2;

  metlog::Backtrace trail(log, 4);
  METLOG_DEBUG(trail, "kept");
  trail.flush();
  account.calls += 1;
}

void call_by_name(metlog::Client& log, Account& account) {
  const absl::Status added = log.add_method(
      {"twice", [](metlog::Client&, const metlog::Arguments&) { return metlog::Value(2); }});
  account.expect(added.ok(), "add_method()");
  account.expect(log.call("twice").ok(), "call()");
  account.expect(
      metlog::error_detail(log.call("thrice").status()).kind == metlog::ErrorKind::kMethodNotFound,
      "error_detail()");
}

void use_sender_classes(Account& account) {
  const metlog::senders::DebugCaptureSender capture;
  absl::StatusOr<metlog::Client> client = metlog::open(capture, {.logger = "captured"});
  account.expect(client.ok(), "open() of a sender class");
  client->send_message(metlog::Message({.type = "ready", .logger = "other"}));
  client->close(std::chrono::seconds(10));
  account.expect(capture.msgs().size() == 1, "send_message()");
}

void use_the_process(Account& account) {
  const metlog::ValueMap config{{"sender", metlog::ValueMap{{"url", "null:"}}}};
  account.expect(metlog::client_from_dict_config(config).ok(), "client_from_dict_config()");
  account.expect(metlog::get_client("consumer.named", config).ok(), "get_client()");
  account.expect(metlog::default_client() == &metlog::get_client("consumer.named"),
                 "default_client()");
  account.expect(METLOG_TIMEIT(add)(1, 2) == 3, "METLOG_TIMEIT");
  account.expect(metlog::providers().formatters.find("metlog.formatters.json").ok(), "providers()");
  account.expect(metlog::register_host_logger("host", {[](const metlog::HostRecord&) {}}).ok(),
                 "register_host_logger()");
  account.expect(metlog::make_sender("null:").ok(), "make_sender()");
}

}  // namespace

int main() {
  Account account;
  std::ostringstream out;
  metlog::ClientOptions options{.logger = "consumer"};
  options.filters.push_back(metlog::severity_max(7));
  absl::StatusOr<metlog::Client> opened = metlog::open(metlog::make_stream_sender(out), options);
  account.expect(opened.ok(), "open()");
  metlog::Client log = *std::move(opened);
  make_calls(log, account);
  call_by_name(log, account);
  account.expect(log.flush(std::chrono::seconds(10)), "flush()");
  account.expect(out.str().find("hidden") == std::string::npos, "secret");
  account.expect(metlog::reconfigure(log, "null:").ok(), "reconfigure()");
  const metlog::Receipt receipt = log.close(std::chrono::seconds(10));
  account.expect(receipt.sent == account.calls && receipt.lost == 0, "close()");
  use_the_process(account);
  use_sender_classes(account);
  metlog::Client other = metlog::open_or_exit("null:");
  return account.wrong == 0 ? 0 : 1;
}
