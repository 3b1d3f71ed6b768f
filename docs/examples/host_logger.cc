// metlog together with another logging library, in both directions. The library here is minimal;
// spdlog_bridge.cc has spdlog.

#include <metlog/client_config.h>
#include <metlog/host_logger.h>
#include <metlog/metlog.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace {

/// The other library.
struct Library {
  using Sink = std::function<void(int level, const std::string& text)>;

  void log(int level, const std::string& text) const {
    for (const Sink& sink : sinks) sink(level, text);
  }
  std::vector<Sink> sinks;
};

Library g_library;

// Out of metlog into the library.
absl::Status let_metlog_use_the_library() {
  return metlog::register_host_logger("app", {.log = [](const metlog::HostRecord& record) {
                                        g_library.log(static_cast<int>(record.level),
                                                      std::string(record.text));
                                      }});
}

// Out of the library into metlog.
void let_the_library_use(metlog::Client& client) {
  g_library.sinks.emplace_back(
      [sink = metlog::HookSink("app")](int level, const std::string& text) {
        sink.log(metlog::HostLevel{level}, text);
      });
  metlog::hook_logger("app", client);
}

constexpr const char* kConfiguration = R"(
    [app]
    sender_class = metlog.senders.logging.StdLibLoggingSender
    sender_logger_name = app
    sender_json_types = counter
)";

}  // namespace

int main() {
  g_library.sinks.emplace_back([](int level, const std::string& text) {
    std::printf("library %d: %s\n", level, text.c_str());
  });
  if (!let_metlog_use_the_library().ok()) return 2;
  absl::StatusOr<metlog::Client> log = metlog::client_from_text_config(kConfiguration, "app");
  if (!log.ok()) {
    std::fprintf(stderr, "%s\n", log.status().ToString().c_str());
    return 2;
  }
  METLOG_WARN(*log, "from metlog");
  log->flush(std::chrono::seconds(2));

  // Hooked to the library that it writes to: no message loops.
  let_the_library_use(*log);
  METLOG_WARN(*log, "and still once");
  log->flush(std::chrono::seconds(2));
  metlog::unhook_logger("app", *log);
  std::printf("echoes: %d\n", static_cast<int>(metlog::hook_echoes()));
}
