#include "tools/metlogd/build_router.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

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
constexpr std::string_view kOutBlock = "--out-block";

/// The URL of an output: a file of a name that looks like one is written ./name.
absl::StatusOr<Url> output_url(const std::string& file_or_url) {
  if (has_scheme(file_or_url)) return sender_url(file_or_url);
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(file_or_url, error);
  return file_url(error ? file_or_url : absolute.string());
}

bool is_local(const Url& url) { return url.scheme == "file" || url.scheme == "stdout"; }

std::size_t count_given(const std::vector<std::string>& values) {
  return values.size() - static_cast<std::size_t>(std::count(values.begin(), values.end(), kNone));
}

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
  const std::size_t max_frame = max_frame_bytes(options.max_message_bytes, options.max_frame_bytes);
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

/// The expression of each output, those of --out first. Reports what is allowed but hardly meant.
absl::StatusOr<Expressions> compile_expressions(const Options& options) {
  const std::size_t outputs = options.out.size() + options.out_block.size();
  if (options.match.empty()) return Expressions(outputs);
  if (options.match.size() != 1 && options.match.size() != outputs) {
    return absl::InvalidArgumentError(fmt::format(
        "--match: there are {} of them, and {} outputs (--out, --out-block); give one for "
        "all outputs, or one for each, with TRUE where all messages are meant",
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

/// Makes the outputs of a router, each with a stream of its own.
class OutputMaker {
 public:
  /// `expressions` are of the outputs in the order in which they are added.
  OutputMaker(const Options& options, Expressions expressions, Router& router)
      : options_(options), expressions_(std::move(expressions)), router_(router) {}

  /// Adds those that `option` names.
  absl::Status add_json(std::string_view option, const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      const std::size_t place = next_expression_++;
      if (value == kNone) continue;
      const absl::StatusOr<Url> url = output_url(value);
      auto sender = open_sender(option, value, url);
      if (!sender.ok()) return sender.status();
      Output::Options settings;
      settings.on_full = waits(option, *url) ? OnFull::kWait : OnFull::kDrop;
      settings.match.expression = expressions_[place];
      if (option == kOutBlock) settings.backpressure_limit = std::chrono::nanoseconds::max();
      add(std::make_unique<JsonLinesEncoder>(), *std::move(sender), settings);
    }
    return absl::OkStatus();
  }
  absl::Status add_statsd();

 private:
  /// Holding the inputs starves the other outputs. One that has no others may hold them.
  [[nodiscard]] bool waits(std::string_view option, const Url& url) const {
    const std::size_t count = count_given(options_.out) + count_given(options_.out_block) +
                              (options_.statsd.empty() ? 0 : 1);
    return option == kOutBlock || (count == 1 && is_local(url));
  }
  void add(std::unique_ptr<MessageEncoder> encoder, std::unique_ptr<Sender> sender,
           Output::Options settings) {
    settings.queue_bytes = options_.queue_bytes;
    settings.queue.stream = stream_;
    ++stream_.number;
    router_.add_output(std::make_unique<Output>(std::move(encoder), std::move(sender), settings));
  }

  const Options& options_;
  const Expressions expressions_;
  std::size_t next_expression_ = 0;
  Router& router_;
  StreamId stream_{random_id(), 0};  // of the first; the next lane is the next output's
};

absl::Status OutputMaker::add_statsd() {
  if (options_.statsd.empty()) return absl::OkStatus();
  absl::StatusOr<Url> url = sender_url(options_.statsd);
  if (url.ok()) {
    Url checked = *url;
    const absl::StatusOr<Formatter> format = take_format(checked, MessageFormat::kText);
    if (!format.ok()) return at_option("--statsd", format.status());
  }
  auto sender = open_sender("--statsd", options_.statsd, url);
  if (!sender.ok()) return sender.status();
  Output::Options settings;
  settings.match.types = {"counter", "timer"};
  add(std::make_unique<StatsdEncoder>(), *std::move(sender), settings);
  return absl::OkStatus();
}

absl::Status add_outputs(const Options& options, const Expressions& expressions, Router& router) {
  constexpr std::size_t kMost = Output::kMaxOutputs - 1;  // beside --statsd
  const std::size_t count = count_given(options.out) + count_given(options.out_block);
  if (count > kMost) {
    return absl::InvalidArgumentError(
        fmt::format("--out is given {} times; {} outputs are possible", count, kMost));
  }
  OutputMaker maker(options, expressions, router);
  if (absl::Status status = maker.add_json("--out", options.out); !status.ok()) return status;
  if (absl::Status status = maker.add_json(kOutBlock, options.out_block); !status.ok()) {
    return status;
  }
  return maker.add_statsd();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Router>> build_router(const Options& options) {
  Router::Options settings;
  settings.limits = {.message_bytes = options.max_message_bytes,
                     .depth = options.max_depth,
                     .repair_timestamps = options.repair_timestamps};
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
