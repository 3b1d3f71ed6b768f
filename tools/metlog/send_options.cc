#include <CLI/CLI.hpp>
#include <algorithm>

#include "tools/console/option_checks.h"
#include "tools/metlog/send.h"

namespace metlog {
namespace {

constexpr const char* kExamples = R"(
Examples:
  metlog send --to udp://127.0.0.1:5565 --type hello --payload world
      one message to a metlogd on this machine
  metlog send --to tcp://127.0.0.1:5565 --type deploy --logger shop
              --severity notice --field version=1.4 --field took_s:=12.5
      over ZMQ, with fields: k=v is text, k:=v a JSON number, true, false or null
  df -h | metlog send --to file:///tmp/df.jsonl --type df --stdin
      one message per line, with the line as its payload
  metlog send --to stdout: --type t --payload=-5
      shows what would be sent; a payload that begins with - needs the =

Prints nothing on success. Exit codes: 0 the kernel has everything, 1 messages
were lost or not taken in time (stderr says how many and why), 2 wrong usage.
No transport here answers for a message: over ZMQ the peer's kernel has it,
over UDP it left this machine and was not refused.)";

void read_fields(const std::vector<std::string>& texts, std::vector<TypedField>& fields) {
  for (const std::string& text : texts) {
    absl::StatusOr<TypedField> field = parse_field(text);
    if (!field.ok()) throw CLI::ValidationError("--field", std::string(field.status().message()));
    const bool is_known = std::any_of(fields.begin(), fields.end(), [&field](const TypedField& f) {
      return f.key == field->key;
    });
    if (is_known) {
      throw CLI::ValidationError(
          "--field", "\"" + text + "\": the key " + field->key + " is there twice; name each once");
    }
    fields.push_back(*std::move(field));
  }
}

}  // namespace

CLI::App* add_send(CLI::App& app, SendOptions& options) {
  CLI::App* const send = app.add_subcommand("send", "Send a message, or one per line of input");
  send->footer(kExamples);
  add_destination(*send, options.to);
  send->add_option("--type", options.type, "The message's type")->required()->type_name("TYPE");
  add_severity(*send, "--severity", "0 to 7 or a name such as warning; info when absent",
               [&options](int severity) { options.severity = severity; });
  send->add_option("--logger", options.logger, "The message's logger")->type_name("NAME");
  CLI::Option* const payload =
      send->add_option("--payload", options.payload, "The message's payload")->type_name("TEXT");
  send->add_option_function<std::vector<std::string>>(
          "--field",
          [&options](const std::vector<std::string>& texts) { read_fields(texts, options.fields); },
          "A field: k=v is text, k:=v a number, true, false or null; repeatable")
      ->type_name("K=V")
      ->allow_extra_args(false);
  send->add_flag("--stdin", options.reads_stdin, "Send one message per line of the standard input")
      ->excludes(payload);
  add_wait(*send, options.wait_s);
  send->add_flag("--verbose", options.verbose, "Report on stderr what was sent");
  return send;
}

}  // namespace metlog
