// A custom formatter, given in code and by name.

#include <metlog/client_config.h>
#include <metlog/metlog.h>
#include <metlog/providers.h>

#include <cstdio>
#include <string>

namespace {

std::string short_line(const metlog::Message& message, std::string_view /*envelope*/) {
  const std::string* const payload = message.payload().as_text();
  return message.type() + ": " + (payload != nullptr ? *payload : "-");
}

constexpr const char* kConfiguration = R"(
    [shop]
    sender_class = metlog.senders.dev.StdOutSender
    sender_formatter = shop.short
)";

}  // namespace

int main() {
  {
    metlog::Client log = metlog::open_or_exit("stdout:", {.format = short_line});
    METLOG_INFO(log, "in code");
  }
  {
    metlog::Client log = metlog::open_or_exit("null:?format=pattern");
    metlog::Client other = metlog::open_or_exit(
        "null:", {.format = metlog::Formatter::pattern("%H:%M:%S.%e %^%l%$ %v%{fields}")});
    METLOG_INFO(log, "in the default pattern");
    METLOG_INFO(other, "in its own pattern");
  }
  metlog::providers().formatters.add("shop.short", short_line).IgnoreError();  // the name is ours
  absl::StatusOr<metlog::Client> log = metlog::client_from_text_config(kConfiguration, "shop");
  if (!log.ok()) {
    std::fprintf(stderr, "%s\n", log.status().ToString().c_str());
    return 2;
  }
  METLOG_INFO(*log, "by name");
}
