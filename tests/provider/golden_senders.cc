#include "tests/provider/golden_senders.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <sstream>
#include <vector>

#include "absl/strings/str_replace.h"
#include "metlog/internal/base/url.h"
#include "metlog/internal/config/json_reader.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/flush/delivery.h"
#include "metlog/providers.h"
#include "senders/file/stream_senders.h"
#include "senders/reference/reference_senders.h"
#include "senders/sender/null_sender.h"
#include "senders/udp/udp_sender.h"
#include "tests/senders/receiver.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using simdjson::dom::element;

std::string text_of(const element& json) { return std::string(json.get_string().value()); }

Value value_of(const element& json) { return *parse_json(simdjson::to_string(json), "golden"); }

/// The member of a case's object that is an argument.
const Value* argument(const Value& golden, std::string_view name) {
  return golden.as_map()->find(name);
}

SenderSpec plan_of(std::string_view name, const ValueMap& arguments) {
  return plan_sender(std::string("metlog.senders.").append(name), {{}, arguments}).value();
}

/// A message of any shape as a sender's formatter writes it.
std::string formatted(const SenderSpec& plan, const Value& message) {
  return *EnvelopeFormatter(*plan.format).format(to_json(message), 0, {});
}

/// As the reference's indented JSON is with another of its libraries, which leaves no blank there.
std::string without_blanks_behind_commas(std::string text) {
  for (std::size_t at = 0; (at = text.find(", \n", at)) != std::string::npos;)
    text.erase(at + 1, 1);
  return text;
}

void replay_default_formatter(const element& expected) {
  const SenderSpec plan = plan_of("dev.StreamSender", {{"stream", "stdout"}});
  std::ostringstream stream;
  StreamSender sender(stream);
  Batch batch = batch_of({formatted(plan, value_of(expected["message"]))});
  EXPECT_EQ(sender.send(batch), SendResult::kSent);
  EXPECT_EQ(stream.str(), without_blanks_behind_commas(text_of(expected["stream_bytes"])));
  EXPECT_TRUE(
      is_same_json(to_json(value_of(expected["message"])), text_of(expected["compact_wire_form"])));
  expect_all_accounted_for(batch);
}

void replay_custom_formatter(const element& expected) {
  TestEngine test;
  std::ostringstream stream;
  const auto type_alone = [](const Message& message, std::string_view) {
    return std::string("T=").append(message.type());
  };
  Client client =
      test.engine().open(std::make_unique<StreamSender>(stream), {.format = type_alone}).value();
  client.metlog(text_of(expected["message"]["type"]));
  EXPECT_EQ(client.close(std::chrono::seconds(10)).sent, 1U);
  EXPECT_EQ(stream.str(), text_of(expected["stream_bytes"]));
}

void replay_two_messages(const element& expected) {
  struct Noting final : std::stringbuf {
    std::vector<std::string> noted;
    std::streamsize xsputn(const char*, std::streamsize count) override {
      noted.emplace_back("write");
      return count;
    }
    int sync() override {
      noted.emplace_back("flush");
      return 0;
    }
  } noting;
  TestEngine test;
  std::ostream stream(&noting);
  Client client = test.engine().open(std::make_unique<StreamSender>(stream)).value();
  for (int i = 0; i < 2; ++i) {
    client.metlog("t");
    step_until_quiet(test.engine());
  }
  std::vector<std::string> wanted;
  for (const element one : expected.get_array()) wanted.push_back(text_of(one));
  EXPECT_EQ(noting.noted, wanted);
}

void replay_file_appends(const element& expected) {
  const TempDir dir;
  const SenderSpec plan = plan_of("dev.FileSender", {{"filepath", dir.file("log")}});
  for (const char* const key : {"a", "b"}) {
    const auto sender = plan.connect().value();
    Batch batch = batch_of({formatted(plan, ValueMap{{key, *key == 'a' ? 1 : 2}})});
    EXPECT_EQ(sender->send(batch), SendResult::kSent);
    expect_all_accounted_for(batch);
  }
  EXPECT_EQ(content_of(dir.file("log")), text_of(expected));
}

void replay_sender_error(const element& expected) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  NoSendSender sender(writer.get());
  Batch batch = batch_of({R"({"a": 1})"});
  sender.send(batch);
  expect_all_accounted_for(batch);
  char said[200] = {};
  ASSERT_GT(::read(reader.get(), said, sizeof said - 1), 0);
  std::string wanted = text_of(expected["stderr"]);
  std::replace(wanted.begin(), wanted.end(), '\'', '"');  // the message is JSON, not Python
  EXPECT_EQ(said, wanted);
}

void replay_destinations(const element& expected) {
  // A name that needs no lookup.
  const std::string json = absl::StrReplaceAll(
      simdjson::to_string(expected), {{"\"a\"", "\"127.0.0.1\""}, {"\"h\"", "\"127.0.0.1\""}});
  const Value golden = *parse_json(json, "golden");
  const auto settings =
      read_udp({{}, {{"host", *argument(golden, "host")}, {"port", *argument(golden, "port")}}});
  if (argument(golden, "error") != nullptr) {
    EXPECT_FALSE(settings.ok());
    return;
  }
  ASSERT_TRUE(settings.ok()) << settings.status();
  std::string wanted = "udp://";
  for (const Value& one : *argument(golden, "destinations")->as_list()) {
    if (wanted.back() != '/') wanted += ',';
    wanted.append(*(*one.as_list())[0].as_text()).append(":");
    wanted += std::to_string(*(*one.as_list())[1].as_integer());
  }
  EXPECT_EQ(settings->url(), wanted + "?late=1");
}

void replay_datagram(const element& expected) {
  const Receiver receiver;
  const auto sender =
      UdpSender::open(*parse_url("udp://127.0.0.1:" + std::to_string(receiver.port()))).value();
  Batch batch = batch_of({to_json(value_of(expected["message"]))});
  EXPECT_EQ(send_until_settled(*sender, batch), SendResult::kSent);
  EXPECT_TRUE(is_same_json(receiver.receive(1).at(0), text_of(expected["bytes"])));
  expect_all_accounted_for(batch);
}

void replay_capture(const element& expected) {
  const Value golden = value_of(expected);
  const ValueMap& attributes = *argument(golden, "attrs")->as_map();
  const SenderSpec plan = plan_of("dev.DebugCaptureSender", attributes);
  std::vector<std::string> messages;
  for (int i = 0; i < *argument(golden, "sent")->as_integer(); ++i) {
    messages.push_back(to_json(ValueMap{{"i", i}}));
  }
  Batch batch = batch_of(messages);
  EXPECT_EQ(plan.make().value()->send(batch), SendResult::kSent);
  expect_all_accounted_for(batch);
  const std::vector<std::string> kept = plan.capture->messages();
  EXPECT_EQ(kept.size(), static_cast<std::size_t>(*argument(golden, "kept")->as_integer()));
  EXPECT_TRUE(is_same_json(kept.front(), *argument(golden, "first")->as_text()));
  EXPECT_TRUE(is_same_json(kept.back(), *argument(golden, "last")->as_text()));
  EXPECT_EQ(plan.capture->options(), attributes);
}

}  // namespace

const std::map<std::string, GoldenReplay, std::less<>>& golden_sender_replays() {
  static const std::map<std::string, GoldenReplay, std::less<>> kReplays = {
      {"stream_sender_default_formatter", replay_default_formatter},
      {"stream_sender_custom_formatter", replay_custom_formatter},
      {"stream_ops_two_messages", replay_two_messages},
      {"file_sender_appends", replay_file_appends},
      {"file_sender_missing_dir",
       [](const element&) {
         const SenderSpec plan = plan_of("dev.FileSender", {{"filepath", "/no/such/directory/x"}});
         EXPECT_EQ(plan.connect().status().code(), absl::StatusCode::kNotFound);
       }},
      {"bad_formatter_name",
       [](const element&) {
         const auto plan =
             plan_sender("metlog.senders.StdOutSender", {{}, {{"formatter", "no.such"}}});
         EXPECT_EQ(plan.status().code(), absl::StatusCode::kNotFound);
       }},
      {"uncallable_formatter_resolved",
       [](const element&) {
         TestEngine test;
         EXPECT_FALSE(test.engine().open("null:", {.format = Formatter::Function()}).ok());
       }},
      {"sender_errors", replay_sender_error},
      {"udp_destinations", replay_destinations},
      {"udp_datagram", replay_datagram},
      {"debug_capture", replay_capture},
      {"stdlib_severity_map", replay_severity},
      {"stdlib_logging_sender", replay_logging},
      {"hook_logger", replay_hook},
  };
  return kReplays;
}

}  // namespace metlog
