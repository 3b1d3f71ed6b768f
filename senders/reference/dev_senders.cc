#include "senders/reference/reference_senders.h"

#include <memory>
#include <string>
#include <utility>

#include "metlog/internal/base/url.h"
#include "metlog/internal/provider/parameters.h"
#include "metlog/providers.h"
#include "metlog/sender.h"
#include "senders/file/file_sender.h"
#include "senders/file/stream_senders.h"
#include "senders/reference/sender_arguments.h"

namespace metlog {

/// Keeps the newest messages for the program to inspect.
class DebugCaptureSender final : public Sender {
 public:
  explicit DebugCaptureSender(std::shared_ptr<DebugCapture> capture)
      : capture_(std::move(capture)) {}

  SendResult send(Batch& batch) override {
    for (; !batch.is_done(); batch.take_messages(1)) capture_->add(batch.message(0));
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "capture:"; }

 private:
  const std::shared_ptr<DebugCapture> capture_;
};

namespace {

using Plan = absl::StatusOr<SenderSpec>;

absl::StatusOr<std::unique_ptr<Sender>> make_stdout() { return StdoutSender::open(STDOUT_FILENO); }
absl::StatusOr<std::unique_ptr<Sender>> make_stderr() { return StdoutSender::open(STDERR_FILENO); }

/// A destination whose messages the formatter writes; null or missing for the reference's default.
Plan formatted(SenderFactory connect, const Value* formatter) {
  SenderSpec plan{.connect = std::move(connect)};
  plan.format = MessageFormat::kIndented;
  if (!is_given(formatter)) return plan;
  if (formatter->as_text() == nullptr) {
    return wrong_argument("formatter", *formatter, "a formatter's name");
  }
  absl::StatusOr<Formatter> named = make_formatter(*formatter->as_text());
  if (!named.ok()) return named.status();
  plan.format = *std::move(named);
  return plan;
}

}  // namespace

Plan plan_stream(const Arguments& arguments) {
  const auto bound = Parameters{"StreamSender", {"stream", "formatter"}, 1}.bind(arguments);
  if (!bound.ok()) return bound.status();
  const Value& stream = *(*bound)[0];
  const bool is_stdout = stream == Value("stdout");
  if (!is_stdout && stream != Value("stderr")) {
    return wrong_argument("stream", stream, "stdout or stderr");
  }
  return formatted(is_stdout ? make_stdout : make_stderr, (*bound)[1]);
}

Plan plan_stdout(const Arguments& arguments) {
  const auto bound = Parameters{"StdOutSender", {"formatter"}, 0}.bind(arguments);
  if (!bound.ok()) return bound.status();
  return formatted(make_stdout, (*bound)[0]);
}

Plan plan_file(const Arguments& arguments) {
  const auto bound = Parameters{"FileSender", {"filepath", "formatter"}, 1}.bind(arguments);
  if (!bound.ok()) return bound.status();
  const std::string* const path = (*bound)[0]->as_text();
  if (path == nullptr || path->empty()) return wrong_argument("filepath", *(*bound)[0], "a path");
  return formatted([url = file_url(absolute_path(*path))] { return FileSender::open(url); },
                   (*bound)[1]);
}

Plan plan_capture(const Arguments& arguments) {
  if (!arguments.positional.empty()) {
    return absl::InvalidArgumentError("DebugCaptureSender takes only keywords");
  }
  return plan_capture(std::make_shared<DebugCapture>(arguments.named));
}

SenderSpec plan_capture(const std::shared_ptr<DebugCapture>& capture) {
  SenderSpec plan;
  plan.make = [capture] { return std::make_unique<DebugCaptureSender>(capture); };
  plan.capture = capture;
  return plan;
}

}  // namespace metlog
