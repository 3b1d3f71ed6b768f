// spdlog in both directions; built where spdlog is found.

#include <metlog/client_config.h>
#include <metlog/host_logger.h>
#include <metlog/metlog.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace {

metlog::Severity severity_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::critical:
      return metlog::Severity::kCritical;
    case spdlog::level::err:
      return metlog::Severity::kError;
    case spdlog::level::warn:
      return metlog::Severity::kWarning;
    case spdlog::level::info:
      return metlog::Severity::kInfo;
    default:
      return metlog::Severity::kDebug;
  }
}

spdlog::level::level_enum level_of(metlog::HostLevel level) {
  switch (level) {
    case metlog::HostLevel::kCritical:
      return spdlog::level::critical;
    case metlog::HostLevel::kError:
      return spdlog::level::err;
    case metlog::HostLevel::kWarning:
      return spdlog::level::warn;
    case metlog::HostLevel::kInfo:
      return spdlog::level::info;
    default:
      return spdlog::level::debug;
  }
}

// What a logger of spdlog's writes goes to the clients that are hooked to its name.
class MetlogSink final : public spdlog::sinks::base_sink<std::mutex> {
  void sink_it_(const spdlog::details::log_msg& record) override {
    metlog::HookSink({record.logger_name.data(), record.logger_name.size()})
        .log(severity_of(record.level), {record.payload.data(), record.payload.size()});
  }
  void flush_() override {}
};

// What metlog sends to a host logger goes to spdlog's logger of that name, or to its default.
absl::Status let_metlog_use_spdlog() {
  return metlog::register_host_logger(
      "", {.log = [](const metlog::HostRecord& record) {
        std::shared_ptr<spdlog::logger> logger = spdlog::get(std::string(record.logger));
        if (logger == nullptr) logger = spdlog::default_logger();
        logger->log(level_of(record.level),
                    spdlog::string_view_t(record.text.data(), record.text.size()));
      }});
}

constexpr const char* kConfiguration = R"(
    [app]
    sender_class = metlog.senders.logging.StdLibLoggingSender
)";

}  // namespace

int main() {
  spdlog::default_logger()->sinks() = {std::make_shared<spdlog::sinks::stdout_sink_mt>(),
                                       std::make_shared<MetlogSink>()};
  spdlog::set_pattern("%l: %v");
  metlog::Client here = metlog::open_or_exit("stdout:?format=text", {.logger = "app"});
  metlog::hook_logger("", here);
  spdlog::warn("from {}", "spdlog");

  absl::Status status = let_metlog_use_spdlog();
  absl::StatusOr<metlog::Client> there = metlog::client_from_text_config(kConfiguration, "app");
  if (!status.ok() || !there.ok()) return 2;
  METLOG_WARN(*there, "from {}", "metlog");
  there->close(std::chrono::seconds(2));
  metlog::unhook_logger("", here);
}
