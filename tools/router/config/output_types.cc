#include "tools/router/config/output_types.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "metlog/internal/base/url.h"
#include "metlog/internal/flush/destination_url.h"
#include "metlog/make_sender.h"

namespace metlog {
namespace {

/// The sender of a URL that was read from `key`.
OpenSender sender_of(Settings& settings, std::string_view key, const absl::StatusOr<Url>& url) {
  if (!url.ok()) {
    settings.refuse(key, fmt::format("is wrong: {}", std::string(url.status().message())));
    return {};
  }
  return [url = *url] { return make_sender(url); };
}

/// `url = "..."`: what metlog::open() takes.
OpenSender read_url(Settings& settings) {
  const std::string text = settings.required_text("url", "udp://127.0.0.1:5565");
  return text.empty() ? OpenSender() : sender_of(settings, "url", sender_url(text));
}

OpenSender read_file(Settings& settings) {
  const std::string path = settings.required_text("path", "/var/log/shop.jsonl");
  return sender_of(settings, "path", file_url(path));
}

OpenSender read_stdout(Settings&) {
  return [] { return make_sender("stdout:"); };
}

OpenSender read_null(Settings&) {
  return [] { return make_sender("null:"); };
}

MakeEncoder read_json(Settings&) {
  return [] { return std::make_unique<JsonLinesEncoder>(); };
}

MakeEncoder read_statsd_lines(Settings&) {
  return [] { return std::make_unique<StatsdEncoder>(); };
}

}  // namespace

const std::vector<OutputType>& output_types() {
  static const auto& types = *new std::vector<OutputType>{
      {"file", "json", read_file},
      {"null", "json", read_null},
      {"stdout", "json", read_stdout},
      {"url", "json", read_url},
  };
  return types;
}

const std::vector<EncoderType>& encoder_types() {
  static const auto& types = *new std::vector<EncoderType>{
      {"json", {}, read_json},
      {"statsd", {"counter", "timer"}, read_statsd_lines},
  };
  return types;
}

}  // namespace metlog
