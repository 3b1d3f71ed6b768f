#include "tools/metlog/send.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "metlog/metlog.h"
#include "tools/console/escape_for_terminal.h"
#include "tools/console/loss_text.h"
#include "tools/console/report.h"
#include "tools/console/stop_signal.h"
#include "tools/metlog/line_splitter.h"

namespace metlog {
namespace {

// Longer than any record may be, so that the engine sees that such a line is too big and counts it.
constexpr std::size_t kLongestLine = 1024 * 1024;

/// Makes a message of each payload.
class MessageSource final : public FrameSink {
 public:
  MessageSource(Client& client, const SendOptions& options) : client_(client), type_(options.type) {
    for (const TypedField& field : options.fields) fields_.push_back(field.field());
  }

  void send(std::string_view payload) {
    client_.metlog(type_, {.fields = {fields_.data(), fields_.size()}}, payload);
  }
  bool take(const Frame& line) override {
    send(line.text);
    return true;
  }

 private:
  Client& client_;
  const std::string& type_;
  std::vector<Field> fields_;
};

/// Until the end of the input or a stop signal; 0 or the errno that ended it early.
int send_lines(MessageSource& source) {
  std::array<char, 64 * 1024> bytes{};
  LineSplitter lines(kLongestLine);
  while (!stop_requested()) {
    const ssize_t count = read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) break;
    lines.add({bytes.data(), static_cast<std::size_t>(count)}, source);
  }
  lines.finish(source);
  return 0;
}

int account(const Receipt& receipt, const Ledger& ledger, const SendOptions& options) {
  int code = kExitDone;
  if (ledger.lost.total() != 0) {
    report(fmt::format("{} of {} messages to {} lost: {}; {}", grouped(ledger.lost.total()),
                       grouped(ledger.emitted), options.to, loss_text(ledger.lost),
                       loss_advice(ledger.lost)));
    code = kExitLost;
  }
  if (ledger.unexplained() != 0) {
    report(fmt::format("{} messages are unaccounted for; please tell the authors of metlog",
                       ledger.unexplained()));
    code = kExitLost;
  }
  if (ledger.sent != 0 && !receipt.confirmed) {
    report(
        fmt::format("{} did not confirm within {} s that it has the {} messages it was sent; "
                    "give it more time with --wait",
                    options.to, options.wait_s, grouped(ledger.sent)));
    code = kExitLost;
  }
  if (options.verbose) report(fmt::format("sent {} to {}", grouped(ledger.sent), options.to));
  return code;
}

}  // namespace

int run_send(const SendOptions& options) {
  absl::StatusOr<Client> client =
      open(options.to,
           {.logger = options.logger, .severity = options.severity, .when_full = WhenFull::kBlock});
  if (!client.ok()) return refuse("--to", client.status());
  install_stop_signals();
  MessageSource source(*client, options);
  int error = 0;
  if (options.reads_stdin) {
    error = send_lines(source);
  } else {
    source.send(options.payload);
  }
  const Receipt receipt = client->close(std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(options.wait_s)));
  const int code = account(receipt, client->stats(), options);
  if (error == 0) return code;
  report(
      fmt::format("the standard input cannot be read: {}", std::generic_category().message(error)));
  return kExitLost;
}

}  // namespace metlog
