#include "tools/metlog/send.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <system_error>

#include "metlog/metlog.h"
#include "tools/console/escape_for_terminal.h"
#include "tools/console/loss_text.h"
#include "tools/console/report.h"
#include "tools/console/stop_signal.h"
#include "tools/router/input/line_splitter.h"

namespace metlog {
namespace {

using JsonScalar = decltype(TypedField::value);

std::optional<JsonScalar> parse_value(std::string_view json) {
  namespace dom = simdjson::dom;
  dom::parser parser;
  dom::element element;
  if (parser.parse(json.data(), json.size()).get(element) != simdjson::SUCCESS) return std::nullopt;
  switch (element.type()) {
    case dom::element_type::NULL_VALUE:
      return nullptr;
    case dom::element_type::BOOL:
      return bool(element);
    case dom::element_type::INT64:
      return std::int64_t(element);
    case dom::element_type::UINT64:
      return std::uint64_t(element);
    case dom::element_type::DOUBLE:
      return double(element);
    default:
      return std::nullopt;
  }
}

absl::Status wrong(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("\"{}\": {}", text, why));
}

}  // namespace

Field TypedField::field() const {
  return {key, std::visit([](const auto& held) { return FieldValue(held); }, value)};
}

absl::StatusOr<TypedField> parse_field(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return wrong(text, "there is no =; write key=text, or key:=4.2 for a number");
  }
  const bool is_json = equals > 0 && text[equals - 1] == ':';
  TypedField field;
  field.key = text.substr(0, is_json ? equals - 1 : equals);
  if (field.key.empty()) return wrong(text, "the key is missing; write key=text or key:=4.2");
  const std::string_view value = text.substr(equals + 1);
  if (!is_json) {
    field.value = std::string(value);
    return field;
  }
  std::optional<JsonScalar> parsed = parse_value(value);
  if (!parsed.has_value()) {
    return wrong(text, fmt::format("\"{}\" is not a JSON number of 64 bits, true, false or null; "
                                   "for text write {}={}",
                                   value, field.key, value));
  }
  field.value = *std::move(parsed);
  return field;
}

namespace {

// Longer than any record, so that the engine counts a longer line as too big.
constexpr std::size_t kMaxLine = 1024 * 1024;

/// Sends one message per payload.
class SentMessages final : public FrameSink {
 public:
  SentMessages(Client& client, const SendOptions& options) : client_(client), type_(options.type) {
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

/// Reads to the end of the input or a stop signal; returns 0, or the errno that ended it early.
int send_lines(SentMessages& source) {
  std::array<char, 64 * 1024> bytes{};
  LineSplitter lines(kMaxLine);
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

/// What is known of messages that were sent.
std::string_view whereabouts(Handover handover) {
  switch (handover) {
    case Handover::kPeer:
      return "; it has confirmed them";
    case Handover::kKernel:
      return "; the kernel has them, and no answer confirms that they arrive";
    default:
      return "; no answer confirms that they arrive";
  }
}

int report_account(const Receipt& receipt, const Ledger& ledger, const SendOptions& options) {
  int code = kExitDone;
  if (ledger.lost.total() != 0) {
    report(fmt::format("{} of {} messages to {} lost: {}; {}", grouped(ledger.lost.total()),
                       grouped(ledger.emitted), options.to, loss_text(ledger.lost),
                       loss_advice(ledger.lost)));
    code = kExitLost;
  }
  if (ledger.unexplained() != 0) {
    report(
        fmt::format("{} messages are unaccounted for; please report this to the authors of metlog",
                    ledger.unexplained()));
    code = kExitLost;
  }
  if (ledger.sent != 0 && receipt.handover == Handover::kNone) {
    report(
        fmt::format("{} did not take the {} messages it was sent within {} s, so some may be lost; "
                    "give it more time with --wait",
                    options.to, grouped(ledger.sent), options.wait_s));
    code = kExitLost;
  }
  if (options.verbose) {
    report(fmt::format("sent {} to {}{}", grouped(ledger.sent), options.to,
                       ledger.sent == 0 ? "" : whereabouts(receipt.handover)));
  }
  return code;
}

}  // namespace

int run_send(const SendOptions& options) {
  absl::StatusOr<Client> client =
      open(options.to,
           {.logger = options.logger, .severity = options.severity, .when_full = WhenFull::kBlock});
  if (!client.ok()) return refuse("--to", client.status());
  install_stop_signals();
  SentMessages source(*client, options);
  int error = 0;
  if (options.reads_stdin) {
    error = send_lines(source);
  } else {
    source.send(options.payload);
  }
  const Receipt receipt = client->close(std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(options.wait_s)));
  const int code = report_account(receipt, client->stats(), options);
  if (error == 0) return code;
  report(
      fmt::format("the standard input cannot be read: {}", std::generic_category().message(error)));
  return kExitLost;
}

}  // namespace metlog
