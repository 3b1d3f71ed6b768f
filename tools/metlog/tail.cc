#include "tools/metlog/tail.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "metlog/internal/base/url.h"
#include "tools/console/report.h"
#include "tools/console/stop_signal.h"
#include "tools/metlog/followed_file.h"
#include "tools/metlog/match.h"
#include "tools/metlog/tail_printer.h"
#include "tools/router/input/input.h"
#include "tools/router/input/line_splitter.h"
#include "tools/router/input/udp_input.h"
#include "tools/router/input/zmq_input.h"

namespace metlog {
namespace {

using Inputs = std::vector<std::unique_ptr<Input>>;

constexpr std::chrono::milliseconds kMaxWait{100};
constexpr std::size_t kRoundFrames = 512;

bool must_continue(TailPrinter& printer) {
  return !stop_requested() && printer.output().error() == 0;
}

absl::StatusOr<Inputs> open_inputs(const Url& url, Reach reach) {
  Inputs inputs;
  const std::string endpoint = url.text.starts_with("zmq+") ? url.text.substr(4) : url.text;
  if (url.scheme == "udp") {
    auto opened = UdpInput::open_all(url.text, TailPrinter::kMaxMessage, reach);
    if (!opened.ok()) return opened.status();
    for (auto& input : *opened) inputs.push_back(std::move(input));
    return inputs;
  }
  for (const std::string_view scheme : {"tcp", "ipc", "zmq+tcp", "zmq+ipc"}) {
    if (url.scheme != scheme) continue;
    auto opened = ZmqInput::open(endpoint, TailPrinter::kMaxMessage, reach);
    if (!opened.ok()) return opened.status();
    inputs.push_back(*std::move(opened));
    return inputs;
  }
  return absl::InvalidArgumentError(fmt::format(
      "{}: tail does not know {}:; give it a file (a path or file:///PATH), or listen at "
      "udp://HOST:PORT, tcp://HOST:PORT or ipc://PATH",
      url.text, url.scheme));
}

void listen(const Inputs& inputs, TailPrinter& printer) {
  std::string endpoints;
  for (const auto& input : inputs) {
    endpoints += (endpoints.empty() ? "" : " and ") + input->endpoint();
  }
  report(fmt::format("listening at {}; Ctrl-C ends it", endpoints));
  while (must_continue(printer)) {
    std::size_t taken = 0;
    for (const auto& input : inputs) taken += input->poll(printer, kRoundFrames);
    printer.flush();
    printer.output().wait(0);
    if (taken == 0) wait_for_input(inputs, kMaxWait);
  }
  for (const auto& input : inputs) {
    const std::uint64_t drops = input->counts().kernel_drops;
    if (drops == 0) continue;
    report(fmt::format("{}: the kernel dropped {} datagrams", input->endpoint(), drops));
  }
}

/// Reports what is wrong at the file's path, once as long as it stays so.
class PathReport {
 public:
  explicit PathReport(bool is_waiting) : is_waiting_(is_waiting) {}

  void update(const absl::Status& status) {
    if (status.message() == last_) return;
    last_ = std::string(status.message());
    if (status.ok()) {
      is_waiting_ = false;
    } else if (absl::IsNotFound(status) && !std::exchange(is_waiting_, true)) {
      report("the file was moved or removed; waiting for another one at its path");
    } else if (!absl::IsNotFound(status)) {
      report(fmt::format("{}; waiting until it can be read", last_));
    }
  }

 private:
  bool is_waiting_;  // for a file, which was reported
  std::string last_;
};

void follow(FollowedFile& file, bool follows, bool is_waiting, TailPrinter& printer) {
  PathReport path_report(is_waiting);
  while (must_continue(printer)) {
    const bool found_some = file.poll(printer);
    if (follows) path_report.update(file.path_status());
    if (!found_some && !follows) file.finish(printer);
    printer.flush();
    if (!found_some && !follows) return;
    printer.output().wait(found_some ? 0 : static_cast<int>(kMaxWait.count()));
  }
}

int end(const TailPrinter& printer, int output_error) {
  const std::string rejections = printer.rejections();
  if (!rejections.empty()) report(rejections);
  if (output_error == 0 || output_error == EPIPE) return kExitDone;
  report(fmt::format("cannot write the standard output: {}",
                     std::generic_category().message(output_error)));
  return kExitLost;
}

int tail_file(const std::string& path, const TailOptions& options) {
  FollowedFile file(path, TailPrinter::kMaxMessage);
  const absl::Status status = file.open(options.past_lines);
  if (absl::IsNotFound(status) && options.follows) {
    report(
        fmt::format("{} is not there yet; waiting for it. metlogd writes ./metlog.jsonl unless "
                    "--out names another file",
                    path));
  } else if (!status.ok()) {
    return refuse("tail", status);
  }
  install_stop_signals();
  TailPrinter printer(options);
  follow(file, options.follows, absl::IsNotFound(status), printer);
  return end(printer, printer.output().error());
}

/// Shows what comes at the standard input, to its end.
int tail_input(const TailOptions& options) {
  install_stop_signals();
  TailPrinter printer(options);
  LineSplitter messages(TailPrinter::kMaxMessage, LineSplitter::Into::kMessages);
  std::array<char, 64 * 1024> chunk;
  while (must_continue(printer)) {
    const ssize_t count = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    messages.add({chunk.data(), static_cast<std::size_t>(count)}, printer);
    printer.flush();
  }
  messages.finish(printer);
  printer.flush();
  return end(printer, printer.output().error());
}

/// Names like shop.jsonl and ./a:b are paths; what has a scheme and its slashes is a URL.
bool is_path(const std::string& text) {
  return text.find("://") == std::string::npos && !text.starts_with("file:");
}

}  // namespace

int run_tail(const TailOptions& given) {
  TailOptions options = given;
  if (options.expression.has_value()) {
    auto matcher = compile_expression(*options.expression);
    if (!matcher.ok()) return refuse("--match", matcher.status());
    options.match.expression = *std::move(matcher);
  }
  if (options.from == "-") return tail_input(options);
  if (is_path(options.from)) return tail_file(options.from, options);
  const absl::StatusOr<Url> url = parse_url(options.from);
  if (!url.ok()) return refuse("tail", url.status());
  if (url->scheme == "file") return tail_file(url->path, options);
  const absl::StatusOr<Inputs> inputs =
      open_inputs(*url, options.allow_remote ? Reach::kAnywhere : Reach::kLoopbackOnly);
  if (!inputs.ok()) return refuse("tail", inputs.status());
  install_stop_signals();
  TailPrinter printer(options);
  listen(*inputs, printer);
  return end(printer, printer.output().error());
}

}  // namespace metlog
