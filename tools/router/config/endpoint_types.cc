#include "tools/router/config/endpoint_types.h"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "metlog/internal/base/url.h"
#include "metlog/internal/flush/destination_url.h"
#include "metlog/make_sender.h"
#include "senders/socket/tcp_stream_sender.h"
#include "senders/socket/unix_datagram_sender.h"
#include "tools/router/transport/routed_file_sender.h"

namespace metlog {

mode_t read_permissions(Settings& settings, std::string_view key, mode_t preset) {
  const std::string text = settings.text(key, fmt::format("{:o}", preset));
  mode_t mode = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '7' || mode > 0777) {
      mode = 010000;
      break;
    }
    mode = mode * 8 + static_cast<mode_t>(digit - '0');
  }
  if (text.empty() || mode > 0777) {
    settings.refuse(key, "is no permission; write three octal digits, as \"640\"");
    return preset;
  }
  return mode;
}

namespace {

using std::chrono::duration_cast;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string absolute_path(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

milliseconds read_hold(Settings& settings) {
  return duration_cast<milliseconds>(settings.duration("hold", {seconds(0), hours(1), seconds(2)}));
}

FileRotation read_rotation(Settings& settings) {
  FileRotation rotation;
  rotation.max_bytes = settings.bytes("rotate_size", {0, std::size_t{1} << 50, 0});
  if (rotation.max_bytes != 0 && rotation.max_bytes < 4096) {
    settings.refuse("rotate_size", "is too small; write 4 KiB or more");
  }
  rotation.interval = duration_cast<seconds>(
      settings.duration("rotate_every", {seconds(0), hours(24 * 366), seconds(0)}));
  if (settings.has("rotate_at")) {
    rotation.daily_at = FileRotation::read_time(settings.text("rotate_at", ""));
    if (!rotation.daily_at.has_value()) {
      settings.refuse("rotate_at",
                      "is no time of the day; write it as \"03:00\", from 00:00 to 23:59");
    } else if (rotation.interval.count() != 0) {
      settings.refuse("rotate_at", "and rotate_every are two answers to one question; keep one");
    }
  }
  rotation.keep = static_cast<int>(settings.integer("rotate_keep", {1, 1000, 7}));
  rotation.keep_for = duration_cast<seconds>(
      settings.duration("rotate_keep_for", {seconds(0), hours(24 * 36500), seconds(0)}));
  if (rotation.keep_for.count() != 0 && rotation.keep_for < hours(1)) {
    settings.refuse("rotate_keep_for", "is too short; write \"1h\" or more");
  }
  rotation.compresses =
      settings.one_of("rotate_compress", {{"none", false}, {"gzip", true}}, false);
  if (rotation.compresses && rotation.keep == 1) {
    settings.refuse("rotate_compress",
                    "has no effect with rotate_keep = 1, since NAME.1 stays as it is; keep more");
  }
  for (const std::string_view key : {"rotate_keep", "rotate_keep_for", "rotate_compress"}) {
    if (settings.has(key) && !rotation.is_on()) {
      settings.refuse(key, "has no effect without rotate_size, rotate_every or rotate_at; add one");
    }
  }
  return rotation;
}

FileRetention read_retention(Settings& settings, const RoutedFileSender::Options& options) {
  FileRetention retention;
  retention.age = duration_cast<seconds>(
      settings.duration("keep_for", {seconds(0), hours(24 * 36500), seconds(0)}));
  if (retention.age.count() != 0 && retention.age < hours(1)) {
    settings.refuse("keep_for", "is too short; write \"1h\" or more");
  }
  if (settings.has("keep_dates")) {
    retention.count = static_cast<std::size_t>(settings.integer("keep_dates", {1, 1'000'000, 1}));
  }
  const std::string_view key = retention.count != 0 ? "keep_dates" : "keep_for";
  if (retention.is_on() && !options.path.has_time()) {
    settings.refuse(key, "is about paths with a date, such as /var/log/%Y-%m-%d.log");
  } else if (retention.count != 0 && !options.path.is_ordered_by_time()) {
    settings.refuse(key,
                    "needs a path that says which date is later; write the year, and each part "
                    "with the next larger one, as %Y-%m-%d");
  } else if (retention.count != 0 && !options.uses_own_time) {
    settings.refuse(key,
                    "would let anyone who sends messages with other dates remove files; add "
                    "path_time = \"writing\", or use keep_for");
  }
  return retention;
}

/// True when a file is told more than its path.
bool has_file_settings(Settings& settings) {
  bool has_any = false;
  for (const std::string_view key :
       {"permissions", "folder_permissions", "rotate_size", "rotate_every", "rotate_at",
        "rotate_keep", "rotate_keep_for", "rotate_compress", "header", "max_open_files",
        "path_time", "time_zone", "keep_for", "keep_dates"}) {
    has_any = settings.has(key) || has_any;
  }
  return has_any;
}

/// The host and port of `HOST:PORT`; none when the error has been reported.
std::optional<HostAndPort> read_host_and_port(Settings& settings, std::string_view key,
                                              const std::string& scheme,
                                              const std::string& address) {
  const absl::StatusOr<Url> url = parse_url(scheme + "://" + address);
  const absl::StatusOr<HostAndPort> target =
      url.ok() ? host_and_port(*url) : absl::StatusOr<HostAndPort>(url.status());
  if (target.ok() && url->query.empty()) return *target;
  settings.refuse(key, "is not HOST:PORT; write it as 127.0.0.1:514");
  return std::nullopt;
}

OpenSender tcp_sender(const HostAndPort& target, StreamFraming framing, milliseconds hold) {
  return [target, framing, hold] {
    return TcpStreamSender::open({target, "tcp://" + target.text(), framing, hold});
  };
}

StreamFraming read_framing(Settings& settings, StreamFraming preset) {
  return settings.one_of(
      "framing",
      {{"newline", StreamFraming::kNewline}, {"octet-count", StreamFraming::kOctetCount}}, preset);
}

}  // namespace

OpenSender read_file_output(Settings& settings, Output::Options&) {
  const std::string text = settings.required_text("path", "/var/log/shop.jsonl");
  const std::string path = text.empty() ? "/none" : absolute_path(text);
  absl::StatusOr<PathTemplate> parsed = PathTemplate::parse(path);
  if (!parsed.ok()) {
    const std::size_t offset = PathTemplate::error_offset(parsed.status());
    const std::size_t added = path.size() - std::min(path.size(), text.size());
    settings.refuse_at("path", offset - std::min(offset, added),
                       std::string(parsed.status().message()));
  }
  const bool is_plain = !has_file_settings(settings);
  const milliseconds hold = read_hold(settings);
  if (parsed.ok() && parsed->is_constant() && is_plain) {
    std::string name;
    parsed->write(DecodedMessage(), 0, TimeZone::kUtc, name);
    Url url = file_url(parsed->root() + "/" + name);
    url.query["hold_ms"] = std::to_string(hold.count());
    return [url] { return make_sender(url); };
  }
  RoutedFileSender::Options options{parsed.ok() ? *std::move(parsed) : *PathTemplate::parse("/x"),
                                    {},
                                    read_rotation(settings),
                                    TimeZone::kUtc,
                                    false,
                                    64,
                                    hold};
  options.modes.file = read_permissions(settings, "permissions", options.modes.file);
  options.modes.folder = read_permissions(settings, "folder_permissions", options.modes.folder);
  options.header = settings.text("header", "");
  if (options.header.find('\n') != std::string::npos) {
    settings.refuse("header", "is more than a line; leave out the line feed");
  }
  options.zone = settings.one_of(
      "time_zone", {{"utc", TimeZone::kUtc}, {"local", TimeZone::kLocal}}, TimeZone::kUtc);
  options.uses_own_time =
      settings.one_of("path_time", {{"message", false}, {"writing", true}}, false);
  options.max_open = static_cast<std::size_t>(settings.integer("max_open_files", {1, 100'000, 64}));
  options.retention = read_retention(settings, options);
  if (options.rotation.is_on() && !options.path.ends_in_fixed_text()) {
    settings.refuse("path",
                    "must end in fixed text that is no number when files are rotated, since "
                    "rotated files end in numbers; end it in .log");
  }
  return [options] { return RoutedFileSender::open(options); };
}

OpenSender read_syslog_output(Settings& settings, Output::Options&) {
  constexpr std::string_view kUnix = "unix://";
  constexpr std::string_view kUdp = "udp://";
  constexpr std::string_view kTcp = "tcp://";
  const std::string address = settings.text("address", "unix:///dev/log");
  const milliseconds hold = read_hold(settings);
  const bool is_tcp = address.starts_with(kTcp);
  if (settings.has("framing") && !is_tcp) {
    settings.refuse("framing", "is about tcp:// only; remove it");
  }
  const StreamFraming framing = read_framing(settings, StreamFraming::kOctetCount);
  if (address.starts_with(kUnix)) {
    return [path = address.substr(kUnix.size()), hold] {
      return UnixDatagramSender::open({path, hold});
    };
  }
  if (!is_tcp && !address.starts_with(kUdp)) {
    settings.refuse("address",
                    "is no receiver of syslog; write udp://HOST:PORT, tcp://HOST:PORT or "
                    "unix:///dev/log");
    return {};
  }
  const std::string scheme = is_tcp ? "tcp" : "udp";
  const auto target = read_host_and_port(settings, "address", scheme, address.substr(kUdp.size()));
  if (!target.has_value()) return {};
  if (is_tcp) return tcp_sender(*target, framing, hold);
  return [address] { return make_sender(address); };
}

OpenSender read_tcp_output(Settings& settings, Output::Options&) {
  const std::string address = settings.required_text("address", "127.0.0.1:5170");
  const milliseconds hold = read_hold(settings);
  const StreamFraming framing = read_framing(settings, StreamFraming::kNewline);
  if (address.empty()) return {};
  const auto target = read_host_and_port(settings, "address", "tcp", address);
  return target.has_value() ? tcp_sender(*target, framing, hold) : OpenSender();
}

OpenSender read_statsd_output(Settings& settings, Output::Options&) {
  const std::string address = settings.text("address", "127.0.0.1:8125");
  const std::size_t pack = settings.bytes("max_datagram", {0, 65507, 1432});
  if (!read_host_and_port(settings, "address", "udp", address).has_value()) return {};
  return
      [url = fmt::format("udp://{}{}", address, pack == 0 ? "" : fmt::format("?pack={}", pack))] {
        return make_sender(url);
      };
}

}  // namespace metlog
