#include "tools/metlog/mb.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <time.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "metlog/client_config.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/text/timestamp_text.h"
#include "metlog/metlog.h"
#include "metlog/senders.h"
#include "tools/console/report.h"
#include "tools/console/stop_signal.h"

namespace metlog {
namespace {

constexpr int kFailed = 1;  // the original's only exit code but 0

int fail(const std::string& what) {
  report(what);
  return kFailed;
}

std::optional<int> port_of(const std::string& text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stop != end || port == 0) return std::nullopt;
  return port;
}

std::string time_text() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::array<char, TimestampText::kBytes> text;
  TimestampText().append(text.data(), std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec);
  return {text.data(), text.size()};
}

/// The message that the original sends again and again.
std::string raw_message() {
  return to_json(ValueMap{{"severity", 6},
                          {"timestamp", time_text()},
                          {"metlog_hostname", "spire"},
                          {"fields", ValueMap{{"userid", 25}, {"req_time", 4}}},
                          {"metlog_pid", 34328},
                          {"logger", "syncstorage"},
                          {"type", "services"},
                          {"payload", "foo"},
                          {"env_version", "0.8"}});
}

int send_raw(const MbOptions& options) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(options.host.c_str(), options.port.c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> address(found, &::freeaddrinfo);
  if (error != 0) return fail(fmt::format("HOST \"{}\": {}", options.host, ::gai_strerror(error)));
  const UniqueFd socket(::socket(address->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return fail("there is no socket left for UDP");
  const std::string message = raw_message();
  while (!stop_requested()) {
    // What the network does not take is not sent again: nothing here counts.
    ::sendto(socket.get(), message.data(), message.size(), 0, address->ai_addr,
             address->ai_addrlen);
  }
  return 0;
}

absl::StatusOr<Client> open_client(const MbOptions& options, int port) {
  if (!options.metlogcfg.empty()) return client_from_file_config(options.metlogcfg, "metlog");
  return open(senders::UdpSender{options.host, port},
              {.logger = "mb", .when_full = WhenFull::kBlock});
}

}  // namespace

int run_mb(const MbOptions& options) {
  const std::optional<int> port = port_of(options.port);
  if (!port.has_value()) {
    return fail(fmt::format("PORT is \"{}\"; it takes a number, 1 to 65535", options.port));
  }
  install_stop_signals();
  if (options.raw) return send_raw(options);
  absl::StatusOr<Client> client = open_client(options, *port);
  if (!client.ok()) return fail(std::string(client.status().message()));
  while (!stop_requested()) client->metlog("MBTEST", {}, "MBTEST");
  client->close(std::chrono::seconds(5));
  return 0;
}

}  // namespace metlog
