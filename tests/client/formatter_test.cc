// Formats that are made of the envelope: indented JSON, and functions of the user's.

#include "metlog/formatter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "metlog/client_config.h"
#include "metlog/internal/text/indented_json.h"
#include "metlog/providers.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string short_text(const Message& message, std::string_view) {
  const std::string* const payload = message.payload().as_text();
  if (payload != nullptr && *payload == "bad") throw std::runtime_error("bad");
  return message.type() + "/" + (payload != nullptr ? *payload : "?");
}

/// A client beside the one that the engine comes with: its messages, and its books at the end.
class Formatted {
 public:
  explicit Formatted(const ClientOptions& options)
      : client_(test_.engine().open(std::make_unique<CaptureSender>(capture_), options).value()) {}
  ~Formatted() {
    client_.close(std::chrono::seconds(10));
    EXPECT_EQ(client_.stats().unexplained(), 0);
  }
  Formatted(const Formatted&) = delete;
  Formatted& operator=(const Formatted&) = delete;

  Client& client() { return client_; }
  std::vector<std::string> messages() {
    step_until_quiet(test_.engine());
    return capture_->messages();
  }

 private:
  TestEngine test_;
  std::shared_ptr<Capture> capture_ = std::make_shared<Capture>();
  Client client_;
};

TEST(Formatter, IndentsTheEnvelope) {
  Formatted test({.logger = "tests", .format = MessageFormat::kIndented});
  METLOG_EVENT(test.client(), "t", payload("caf\xC3\xA9"), kv("list", std::vector<int>{1, 2}));
  EXPECT_THAT(test.messages(),
              ElementsAre(indented_json(envelope("t", 6, "\"caf\xC3\xA9\"", "\"list\":[1,2]"))));
}

TEST(Formatter, MayBeAFunction) {
  Formatted test({.format = short_text});
  test.client().info("one");
  test.client().metlog("two", {}, 2);
  EXPECT_THAT(test.messages(), ElementsAre("oldstyle/one", "two/?"));
}

TEST(Formatter, IsGivenTheWholeEnvelope) {
  Formatted test({.logger = "tests", .format = [](const Message&, std::string_view envelope) {
                    return std::string(envelope);
                  }});
  test.client().info("one");
  EXPECT_THAT(test.messages(), ElementsAre(envelope("oldstyle", 6, "\"one\"")));
}

TEST(Formatter, SeesWhatFiltersLeaveOver) {
  const Filter louder("louder", [](Message& message) {
    if (message.type() == "drop") return false;
    if (message.type() != "keep") message.set_payload("changed");
    return true;
  });
  Formatted formatted({.format = short_text, .filters = {type_blacklist({"never"}), louder}});
  for (const char* const type : {"keep", "drop", "never", "other"}) {
    formatted.client().metlog(type, {}, "as it is");
  }
  EXPECT_THAT(formatted.messages(), ElementsAre("keep/as it is", "other/changed"));
  EXPECT_EQ(formatted.client().stats().filtered, 2U);
}

TEST(Formatter, LosesTheMessageVisiblyWhenItThrows) {
  Formatted test({.format = short_text});
  for (const char* const text : {"one", "bad", "two"}) test.client().info(text);
  const std::vector<std::string> messages = test.messages();
  EXPECT_EQ(test.client().stats().lost[LossReason::kFormatterFailed], 1U);
  EXPECT_THAT(messages, ElementsAre("oldstyle/one", "oldstyle/two", HasSubstr("metlog.loss/")));
}

TEST(Formatter, ThatAlwaysThrowsLeavesTheEnvelopeOfTheLoss) {
  Formatted test({.format = [](const Message&, std::string_view) -> std::string { throw 7; }});
  test.client().info("one");
  EXPECT_THAT(test.messages(), ElementsAre(HasSubstr(R"("reason":"formatter_failed")")));
}

TEST(Formatter, IsRefusedWithoutItsFunctionAndInBatchedFrames) {
  TestEngine test;
  const auto error = [&](std::string_view url, const ClientOptions& options) {
    return std::string(test.engine().open(url, options).status().message());
  };
  EXPECT_THAT(error("null:", {.format = MessageFormat::kOwn}), HasSubstr("format is kOwn"));
  EXPECT_THAT(error("null:", {.format = Formatter::Function()}), HasSubstr("format is kOwn"));
  EXPECT_THAT(error("udp://127.0.0.1:1?batch=1", {.format = short_text}), HasSubstr("hold JSON"));
  EXPECT_TRUE(
      test.engine().open("udp://127.0.0.1:1?batch=1&format=json", {.format = short_text}).ok());
}

class NamedFormatter : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(providers().formatters.add("tests.short", short_text).ok());
  }
  static void TearDownTestSuite() { providers().formatters.remove("tests.short"); }

  /// What a client with this sender writes to a file for one message.
  std::string written(ValueMap sender) {
    const TempDir directory;
    const std::string path = directory.file("messages.log");
    const bool has_url = sender.contains("url");
    if (has_url) {
      sender.set("url", "file:" + path + *sender.find("url")->as_text());
    } else {
      sender.set("class", "metlog.senders.dev.FileSender");
      sender.set("filepath", path);
    }
    Configuring how;
    how.engine = &test_.engine();
    auto client = client_from_dict_config({{"logger", "tests"}, {"sender", sender}}, how);
    if (!client.ok()) return std::string(client.status().message());
    client->info("one");
    EXPECT_EQ(client->close(std::chrono::seconds(10)).sent, 1U);
    return content_of(path);
  }

  TestEngine test_;
};

TEST_F(NamedFormatter, IsWhatAConfigurationSays) {
  const std::string json = envelope("oldstyle", 6, "\"one\"");
  EXPECT_EQ(written({}), indented_json(json) + "\n");
  EXPECT_EQ(written({{"formatter", nullptr}}), indented_json(json) + "\n");
  EXPECT_EQ(written({{"formatter", "metlog.formatters.json"}}), json + "\n");
  EXPECT_EQ(written({{"formatter", "metlog.formatters:indented"}}), indented_json(json) + "\n");
  EXPECT_EQ(written({{"formatter", "metlog.formatters.payload"}}), "one\n");
  EXPECT_THAT(written({{"formatter", "metlog.formatters.text"}}), HasSubstr("INFO   tests: one\n"));
  EXPECT_EQ(written({{"formatter", "tests.short"}}), "oldstyle/one\n");
}

TEST_F(NamedFormatter, StandsBesideAUrlWhoseFormatWins) {
  EXPECT_EQ(written({{"url", ""}, {"formatter", "tests.short"}}), "oldstyle/one\n");
  EXPECT_EQ(written({{"url", ""}}), envelope("oldstyle", 6, "\"one\"") + "\n");
  EXPECT_THAT(written({{"url", "?format=text"}, {"formatter", "tests.short"}}),
              HasSubstr("INFO   tests: one\n"));
}

TEST_F(NamedFormatter, ThatIsNotKnownIsAnErrorThatHints) {
  EXPECT_THAT(written({{"formatter", "metlog.formatters.pyload"}}),
              HasSubstr("unknown formatter 'metlog.formatters.pyload'; did you mean "
                        "'metlog.formatters.payload'"));
  EXPECT_THAT(written({{"formatter", 7}}), HasSubstr("formatter takes a formatter's name, not 7"));
  EXPECT_THAT(written({{"url", ""}, {"formatter", "no.such"}}), HasSubstr("unknown formatter"));
}

}  // namespace
}  // namespace metlog
