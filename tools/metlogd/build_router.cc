#include "tools/metlogd/build_router.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "metlog/internal/base/random_id.h"
#include "metlog/internal/base/url.h"
#include "metlog/internal/flush/destination_url.h"
#include "metlog/make_sender.h"
#include "tools/console/report.h"
#include "tools/router/input/handshake_input.h"
#include "tools/router/input/udp_input.h"
#include "tools/router/input/zmq_input.h"
#include "tools/router/match/message_matcher.h"
#include "tools/router/output/message_encoder.h"

namespace metlog {
namespace {

constexpr std::string_view kNone = "none";

/// The URL of an output: a file of a name that looks like one is written ./name.
absl::StatusOr<Url> output_url(const std::string& file_or_url) {
  if (has_scheme(file_or_url)) return sender_url(file_or_url);
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(file_or_url, error);
  return file_url(error ? file_or_url : absolute.string());
}

bool is_local(const Url& url) { return url.scheme == "file" || url.scheme == "stdout"; }

absl::Status at_option(std::string_view option, const absl::Status& status) {
  return absl::Status(status.code(), fmt::format("{} {}", option, std::string(status.message())));
}

/// Opens the output that `option` asks for with `value`, whose URL is `url`.
absl::StatusOr<std::unique_ptr<Sender>> open_sender(std::string_view option,
                                                    const std::string& value,
                                                    const absl::StatusOr<Url>& url) {
  auto sender = url.ok() ? make_sender(*url) : url.status();
  if (sender.ok()) return sender;
  return at_option(fmt::format("{} {}:", option, value), sender.status());
}

absl::Status add_inputs(const Options& options, Router& router) {
  const Reach reach = options.allow_remote ? Reach::kAnywhere : Reach::kLoopbackOnly;
  const std::size_t max_frame = max_frame_bytes(options.max_message_bytes);
  for (const std::string& endpoint : options.zmq) {
    if (endpoint == kNone) continue;
    auto input = ZmqInput::open(endpoint, max_frame, reach);
    if (!input.ok()) return at_option("--zmq", input.status());
    router.add_input(*std::move(input));
  }
  for (const std::string& address : options.udp) {
    if (address == kNone) continue;
    auto inputs = UdpInput::open_all(address, max_frame, reach);
    if (!inputs.ok()) return at_option("--udp", inputs.status());
    for (auto& input : *inputs) router.add_input(std::move(input));
  }
  if (router.inputs().empty()) {
    return absl::InvalidArgumentError(
        "--zmq none --udp none: nothing is left to listen on; leave one of them out");
  }
  for (const std::string& endpoint : options.handshake) {
    if (endpoint == kNone) continue;
    auto input = HandshakeInput::open(endpoint, reach);
    if (!input.ok()) return at_option("--handshake", input.status());
    router.add_input(*std::move(input));
  }
  return absl::OkStatus();
}

using Expressions = std::vector<std::shared_ptr<const MessageMatcher>>;

/// The expression of each --out. Reports what is allowed but hardly meant.
absl::StatusOr<Expressions> compile_expressions(const Options& options) {
  const std::size_t outputs = options.out.size();
  if (options.match.empty()) return Expressions(outputs);
  if (options.match.size() != 1 && options.match.size() != outputs) {
    return absl::InvalidArgumentError(
        fmt::format("--match: there are {} of them, and {} --out; give one for all outputs, or one "
                    "for each, with TRUE where all messages are meant",
                    options.match.size(), outputs));
  }
  Expressions compiled;
  for (const std::string& text : options.match) {
    absl::StatusOr<MessageMatcher> matcher = MessageMatcher::compile(text);
    if (!matcher.ok()) return at_option("--match:", matcher.status());
    for (const std::string& note : matcher->notes()) report("--match, " + note, "metlogd");
    compiled.push_back(std::make_shared<const MessageMatcher>(*std::move(matcher)));
  }
  compiled.resize(outputs, compiled.back());
  return compiled;
}

absl::Status add_outputs(const Options& options, const Expressions& expressions, Router& router) {
  StreamId stream{random_id(), 0};  // of the first; the next lane is the next output's
  for (std::size_t i = 0; i < options.out.size(); ++i) {
    const std::string& out = options.out[i];
    if (out == kNone) continue;
    const absl::StatusOr<Url> url = output_url(out);
    auto sender = open_sender("--out", out, url);
    if (!sender.ok()) return sender.status();
    Output::Options settings;
    settings.on_full = is_local(*url) ? OnFull::kWait : OnFull::kDrop;
    settings.match.expression = expressions[i];
    settings.queue.stream = stream;
    ++stream.number;
    router.add_output(std::make_unique<Output>(std::make_unique<JsonLinesEncoder>(),
                                               *std::move(sender), settings));
  }
  if (options.statsd.empty()) return absl::OkStatus();
  absl::StatusOr<Url> url = sender_url(options.statsd);
  if (url.ok()) {
    Url checked = *url;
    const absl::StatusOr<Formatter> format = take_format(checked, MessageFormat::kText);
    if (!format.ok()) return at_option("--statsd", format.status());
  }
  auto sender = open_sender("--statsd", options.statsd, url);
  if (!sender.ok()) return sender.status();
  Output::Options settings;
  settings.on_full = OnFull::kDrop;
  settings.queue.stream = stream;
  settings.match.types = {"counter", "timer"};
  router.add_output(
      std::make_unique<Output>(std::make_unique<StatsdEncoder>(), *std::move(sender), settings));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Router>> build_router(const Options& options) {
  Router::Options settings;
  settings.limits = {.message_bytes = options.max_message_bytes, .depth = options.max_depth};
  if (options.count != 0) settings.message_limit = options.count;
  // Before anything is bound or opened.
  const absl::StatusOr<Expressions> expressions = compile_expressions(options);
  if (!expressions.ok()) return expressions.status();
  auto router = std::make_unique<Router>(settings);
  if (absl::Status status = add_inputs(options, *router); !status.ok()) return status;
  if (absl::Status status = add_outputs(options, *expressions, *router); !status.ok())
    return status;
  return router;
}

}  // namespace metlog
