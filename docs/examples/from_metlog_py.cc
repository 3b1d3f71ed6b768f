// What docs/from-metlog-py.md shows: the reference's calls in C++. Prints messages to standard
// output, one a line.

#include <metlog/metlog.h>

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace {

constexpr const char* kConfiguration = R"(
    [metlog]
    logger = myapp
    severity = 4
    disabled_timers = foo
                      bar
    sender_class = metlog.senders.dev.StdOutSender
    sender_formatter = metlog.formatters.json
    global_disabled_decorators = incr_count
    engine_ring_bytes = 65536

    [metlog_filter_sev_max]
    provider = metlog.filters.severity_max_provider
    severity = 4

    [metlog_plugin_dummysection]
    provider = metlog.tests.plugin.config_plugin
    port = 8080
    host = localhost
)";

// The provider that the reference's sample names. The method that it returns calls itself `dummy`.
absl::StatusOr<metlog::Plugin> config_plugin(const metlog::ValueMap& parameters) {
  return metlog::Plugin{
      "dummy",
      [parameters](metlog::Client& client,
                   const metlog::Arguments& arguments) -> absl::StatusOr<metlog::Value> {
        client.metlog("dummy", {.fields = {{"arguments", arguments.positional.size()}}});
        return metlog::Value(parameters);
      }};
}

// Once, before the configuration is read.
absl::Status register_providers() {
  return metlog::providers().plugins.add("metlog.tests.plugin.config_plugin", config_plugin);
}

// CLIENT_HOLDER.get_client('myapp') finds it from here on: metlog::get_client("myapp").
absl::Status configure(const std::string& text) {
  const absl::StatusOr<metlog::ValueMap> config = metlog::dict_from_text_config(text, "metlog");
  if (!config.ok()) return config.status();
  return metlog::get_client("myapp", *config).status();
}

// A client of the program's own: client_from_stream_config(open(path), 'metlog').
absl::StatusOr<metlog::Client> client_of_file(const std::string& path) {
  return metlog::client_from_file_config(path, "metlog");
}

// A sender object: MetlogClient(ZmqPubSender('tcp://127.0.0.1:5565', queue_length=5000), 'myapp')
absl::StatusOr<metlog::Client> client_of_sender() {
  return metlog::open(
      metlog::senders::ZmqPubSender{.bindstrs = "tcp://127.0.0.1:5565", .queue_length = 5000},
      {.logger = "myapp"});
}

void make_calls(metlog::Client& client) {
  client.metlog("services", {.severity = 3, .fields = {{"userid", 25}}}, "foo");
  client.error("cannot save");
  client.warn(metlog::percent("%s of %d", "one", 5)).IgnoreError();  // a status: did it fit?
  client.incr("orders", 2, {.logger = "shop"});
  client.timer_send("db.query", 12.5);
  {
    metlog::Timer timer = client.timer("render");  // with client.timer("render") as timer:
    timer.stop();
    std::printf("rendered in %lld ms\n", static_cast<long long>(timer.result().value_or(-1)));
  }
  const auto query = metlog::timed(client, "db.query", [](int id) { return id + 1; });
  std::printf("%d\n", query(1));  // @client.timer("db.query")
  client.call("dummy", {{"some", "ignored", "arguments", 42}, {}}).IgnoreError();
}

void save(metlog::Client& client) {
  try {
    throw std::runtime_error("disk");
  } catch (const std::exception& error) {
    client.error("cannot save", error);  // client.error("cannot save", exc_info=True)
    client.exception("cannot save");     // of the exception that is being handled; severity 1
  }
}

// client.send_message(msg): a message that was made elsewhere.
void pass_on(metlog::Client& client) {
  client.send_message(metlog::Message({.type = "relayed",
                                       .utc_ns = 1'357'000'000'000'000'000,
                                       .logger = "elsewhere",
                                       .severity = 4,
                                       .payload = "as it came",
                                       .fields = {{"hop", 2}}}));
}

int pay(int cents) { return cents; }

// Before or after the client is configured, at namespace scope too: the first call looks for it.
const auto timed_pay = METLOG_TIMEIT(pay);
const auto counted_pay = METLOG_INCR_COUNT(pay);

// A decorator of one's own: MetlogDecorator with metlog_call; predicate() and plain_call() (the
// reference's _invoke) may be replaced, too.
struct Announced : metlog::MetlogDecorator<Announced> {
  static constexpr std::string_view kKind = "announced";  // in disabled_decorators

  template <class F, class... A>
  decltype(auto) metlog_call(metlog::Decorator& decorator, F& function, A&&... args) const {
    if (metlog::Client* const client = decorator.client()) {
      client->metlog("announced", {}, decorator.name().full());
    }
    return metlog::invoke_callable(function, std::forward<A>(args)...);
  }
};
const auto announced_pay = METLOG_DECORATE(Announced(), pay);

// What a program says to its user, in the place of `except EnvironmentNotFoundError`.
std::string advice(const absl::Status& status) {
  const metlog::ErrorDetail detail = metlog::error_detail(status);
  switch (detail.kind) {
    case metlog::ErrorKind::kVariableNotFound:
      return "set " + detail.name;
    case metlog::ErrorKind::kMethodNotFound:
      return "no plugin adds the method " + detail.name;
    default:
      return std::string(status.message());
  }
}

// A test, as the reference's manual has it.
void assert_what_is_sent() {
  const metlog::senders::DebugCaptureSender capture;
  absl::StatusOr<metlog::Client> client = metlog::open(capture, {.logger = "test"});
  client->info("expected first payload");
  client->flush(std::chrono::seconds(5));  // another thread sends
  std::printf("captured %zu\n", capture.msgs().size());
}

}  // namespace

int main() {
  absl::Status status = register_providers();
  status.Update(configure(kConfiguration));
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 2;
  }
  metlog::Client& client = metlog::get_client("myapp");
  make_calls(client);
  save(client);
  pass_on(client);
  std::printf("%d\n", counted_pay(timed_pay(announced_pay(7))));
  client.flush(std::chrono::seconds(5));
  assert_what_is_sent();
  std::printf("%s\n", advice(client.call("dumy").status()).c_str());
  std::printf("%s\n", advice(client_of_file("/no/such.ini").status()).c_str());
  std::printf("%s\n", client_of_sender().ok() ? "open" : "not open");
  std::printf("rings of %zu bytes\n", metlog::Engine::instance().options().ring_bytes);
  std::printf("%s\n", metlog::configuration_of(client).c_str());
}
