// Makes every public call from one place where metlog runs the program's code. Started by
// foreign_code_test. `foreign_code_program PLACE`; exit code 1 and a line on standard output for a
// call that does not return in time, whose books do not balance, or that stops the logging.

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "metlog/client_config.h"
#include "metlog/holder.h"
#include "metlog/metlog.h"
#include "tests/process/calling_allocator.h"

namespace {

using metlog::Client;
using metlog::ClientOptions;
using std::chrono::seconds;

Client* g_log = nullptr;    // whose foreign code it is
Client* g_other = nullptr;  // another one
Client* g_spare = nullptr;  // one to destroy
std::atomic<int> g_runs{0};
const char* g_name = "";
void (*g_call)() = nullptr;
std::atomic<bool> g_is_armed{false};

bool g_on_another_thread = false;  // for which the foreign code waits
std::chrono::milliseconds g_limit{2000};

/// What the foreign code does, once for each time it is armed.
void run_call() {
  if (!g_is_armed.exchange(false)) return;
  if (g_on_another_thread) {
    std::thread(g_call).join();
  } else {
    g_call();
  }
  g_runs.fetch_add(1);
}

/// Takes everything.
class TakingSender : public metlog::Sender {
 public:
  metlog::SendResult send(metlog::Batch& batch) override {
    batch.take_messages(batch.remaining_count());
    return metlog::SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "taking:"; }
};

/// Makes the call first.
class CallingSender final : public TakingSender {
 public:
  metlog::SendResult send(metlog::Batch& batch) override {
    run_call();
    return TakingSender::send(batch);
  }
};

struct Named {
  const char* name;
  void (*call)();
};

constexpr char kConfig[] = "[metlog]\nlogger = x\n";

const Named kCalls[] = {
    {"a log call", [] { METLOG_INFO(*g_log, "inner {}", 1); }},
    {"a log call of another client", [] { METLOG_INFO(*g_other, "inner {}", 1); }},
    {"many log calls",
     [] {
       for (int i = 0; i < 10'000; ++i) METLOG_INFO(*g_log, "inner {}", i);
     }},
    {"info()", [] { g_log->info("inner"); }},
    {"metlog()",
     [] {
       g_log->metlog("type", {.fields = {{"a", 1}}}, "payload");
     }},
    {"timer()", [] { const auto timer = g_log->timer("t"); }},
    {"stats()", [] { (void)g_log->stats(); }},
    {"flush()", [] { (void)g_log->flush(g_limit); }},
    {"flush() of another client", [] { (void)g_other->flush(g_limit); }},
    {"close()", [] { g_log->close(g_limit); }},
    {"close() of another client", [] { g_other->close(g_limit); }},
    {"the destructor", [] { delete std::exchange(g_spare, nullptr); }},
    {"open()", [] { (void)metlog::open("null:"); }},
    {"open() of a sender", [] { (void)metlog::open(std::make_unique<TakingSender>()); }},
    {"reconfigure()", [] { (void)metlog::reconfigure(*g_log, "null:"); }},
    {"reconfigure() of another client", [] { (void)metlog::reconfigure(*g_other, "null:"); }},
    {"client_from_text_config()",
     [] { (void)metlog::client_from_text_config(kConfig, "metlog", *g_log); }},
    {"client_from_text_config() of a new one",
     [] { (void)metlog::client_from_text_config(kConfig, "metlog"); }},
    {"configuration_of()", [] { (void)metlog::configuration_of(*g_log); }},
    {"set_min_severity()", [] { g_log->set_min_severity(metlog::Severity::kDebug); }},
    {"set_disabled_timers()",
     [] {
       g_log->set_disabled_timers({"a", "b"});
     }},
    {"disable_timer()",
     [] {
       g_log->disable_timer(
           "a name of more than sixty-four characters, "
           "so that its copy is seen by the allocator");
     }},
    {"enable_timer()", [] { g_log->enable_timer("a"); }},
    {"is_timer_disabled()", [] { (void)g_log->is_timer_disabled("a"); }},
    {"is_active()", [] { (void)g_log->is_active(); }},
    {"get_client() of a known one", [] { (void)metlog::get_client("known"); }},
    {"get_client() of a new one", [] { (void)metlog::get_client(g_name); }},
    {"default_client()", [] { (void)metlog::default_client(); }},
    {"set_default_client_name()",
     [] { metlog::Holder::instance().set_default_client_name("known"); }},
    {"client_names()", [] { (void)metlog::Holder::instance().client_names(); }},
    {"session_path()", [] { (void)metlog::Engine::instance().session_path(); }},
    {"anonymous_rings()", [] { (void)metlog::Engine::instance().anonymous_rings(); }},
    {"Engine::configure()", [] { (void)metlog::Engine::configure({}); }},
    {"add_method()",
     [] {
       (void)g_log->add_method(metlog::Plugin{
           "ping", [](Client&, const metlog::Arguments&) { return metlog::Value(); }});
     }},
};

/// Calls when it is destroyed.
struct CallsAtItsEnd {
  ~CallsAtItsEnd() { run_call(); }
};

}  // namespace

namespace user {

struct Loggable {};
std::string metlog_reduce(const Loggable&) {
  run_call();
  return "loggable";
}

}  // namespace user

namespace {

absl::StatusOr<Client> open_with(const std::function<void(ClientOptions&)>& set) {
  ClientOptions options;
  options.close_limit = g_limit;
  set(options);
  return metlog::open("null:", options);
}

/// A place where metlog runs the program's code: how to open the client, and how to come there.
struct Place {
  std::function<absl::StatusOr<Client>()> open = [] { return open_with([](ClientOptions&) {}); };
  std::function<void()> come_there = [] { METLOG_INFO(*g_log, "outer"); };
};

Place allocation_on_a_thread(bool on_the_callers) {
  Place place;
  place.come_there = [on_the_callers] {
    g_allocator_calls = on_the_callers ? Calls::kOnAllThreads : Calls::kOnOtherThreads;
    // The first call of a thread, and what the flusher makes of it. More than a spare's worth.
    for (int i = 0; i < 3; ++i) {
      std::thread([] { METLOG_INFO(*g_log, "outer {}", std::string(200, 'x')); }).join();
      (void)g_other->flush(g_limit);
    }
    g_allocator_calls = Calls::kNever;
  };
  return place;
}

/// This thread is inside the allocator and holds its mutex. Another one is inside metlog and waits
/// for that mutex: the flusher's, which reads the message for the filter.
Place allocation_under_a_mutex() {
  Place place;
  place.open = [] {
    return open_with([](ClientOptions& options) {
      options.filters = {metlog::Filter(
          "reads", [](metlog::Message& message) { return message.fields().empty(); })};
    });
  };
  place.come_there = [] {
    g_allocator_locks = true;
    {
      const AllocatorLock lock;
      METLOG_INFO(*g_log, "outer {}", std::string(200, 'x'));
      while (g_waiting == 0) std::this_thread::yield();
      run_call();
    }
    g_allocator_locks = false;
  };
  return place;
}

Place callback(const std::string& name) {
  Place place;
  if (name == "filter") {
    place.open = [] {
      return open_with([](ClientOptions& options) {
        options.filters = {metlog::Filter("calls", [](metlog::Message&) {
          run_call();
          return true;
        })};
      });
    };
  } else if (name == "filters_end") {
    place.open = [] {
      return open_with([](ClientOptions& options) {
        options.filters = {metlog::Filter(
            "ends", [end = std::make_shared<CallsAtItsEnd>()](metlog::Message&) { return true; })};
      });
    };
    // Of the last copy.
    place.come_there = [] { (void)metlog::reconfigure(*g_log, "null:"); };
  } else if (name == "formatter") {
    place.open = [] {
      return open_with([](ClientOptions& options) {
        options.format = metlog::Formatter([](const metlog::Message&, std::string_view envelope) {
          run_call();
          return std::string(envelope);
        });
      });
    };
  } else if (name == "sender") {
    place.open = [] { return metlog::open(std::make_unique<CallingSender>()); };
  } else if (name == "factory") {
    place.come_there = [] {
      (void)metlog::Engine::reconfigure(*g_log, metlog::SenderFactory([] {
        run_call();
        return absl::StatusOr<std::unique_ptr<metlog::Sender>>(std::make_unique<CallingSender>());
      }));
    };
  } else if (name == "reduce") {
    place.come_there = [] { METLOG_INFO(*g_log, "outer {}", user::Loggable()); };
  }
  return place;
}

Place place_of(const std::string& name) {
  Place place = callback(name);
  if (name == "allocator") {
    place = allocation_on_a_thread(true);
  } else if (name == "flushers_allocator") {
    place = allocation_on_a_thread(false);
  } else if (name == "allocators_mutex") {
    place = allocation_under_a_mutex();
  } else if (name == "configuring_allocator") {
    place.come_there = [] {
      g_allocator_calls = Calls::kOnAllThreads;
      g_log->set_disabled_timers(
          {"a timer with a name of more than sixty-four characters, which "
           "makes the allocator look"});
      g_allocator_calls = Calls::kNever;
    };
  } else if (name == "holders_allocator") {
    place.come_there = [] {
      g_allocator_calls = Calls::kOnAllThreads;
      (void)metlog::get_client(std::string("of more than sixty-four characters, which makes the "
                                           "allocator look, and made for: ") +
                               g_name);
      g_allocator_calls = Calls::kNever;
    };
  }
  return place;
}

bool balances(const Client& client) {
  const metlog::Ledger books = client.stats();
  if (books.unexplained() == 0) return true;
  std::printf("%s: %llu emitted, %lld unexplained\n", g_name,
              static_cast<unsigned long long>(books.emitted),
              static_cast<long long>(books.unexplained()));
  return false;
}

bool try_call(const Place& place, const Named& call) {
  g_name = call.name;
  g_call = call.call;
  Client log = place.open().value();
  Client other = open_with([](ClientOptions&) {}).value();
  g_log = &log;
  g_other = &other;
  g_spare = new Client(open_with([](ClientOptions&) {}).value());
  alarm(20);
  g_runs = 0;
  g_is_armed = true;
  place.come_there();
  (void)log.flush(seconds(5));
  g_is_armed = false;
  METLOG_INFO(other, "after");
  log.close(seconds(5));
  other.close(seconds(5));
  delete std::exchange(g_spare, nullptr);
  alarm(0);
  if (g_runs == 0) std::printf("%s: was never made\n", g_name);
  const bool is_right = balances(log) && balances(other);
  return is_right && g_runs != 0;
}

void on_alarm(int) {
  constexpr char kText[] = ": does not return\n";
  (void)!write(1, g_name, std::strlen(g_name));
  (void)!write(1, kText, sizeof kText - 1);
  _exit(1);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  signal(SIGALRM, on_alarm);
  g_call_in_allocator = run_call;
  (void)metlog::get_client("known");
  std::string name = arguments[1];
  constexpr std::string_view kThread = "_and_thread";
  g_on_another_thread = name.size() > kThread.size() && name.ends_with(kThread);
  if (g_on_another_thread) name.resize(name.size() - kThread.size());
  // All that would have to wait for the thread that waits for it uses its limit up.
  if (g_on_another_thread || name == "allocators_mutex") g_limit = std::chrono::milliseconds(50);
  const Place place = place_of(name);
  bool is_right = true;
  for (const Named& call : kCalls) is_right = try_call(place, call) && is_right;
  return is_right ? 0 : 1;
}
