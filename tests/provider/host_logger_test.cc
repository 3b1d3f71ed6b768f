// StdLibLoggingSender: messages to a logger of the program's own library.

#include "metlog/host_logger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <syslog.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "metlog/client_config.h"
#include "metlog/methods.h"
#include "senders/host/host_logger_sender.h"
#include "tests/provider/host_world.h"
#include "tests/support/messages.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(HostLoggers, AreFoundByTheirNameOrOneAboveIt) {
  const HostWorld root("");
  const HostWorld pool("db.pool");
  const auto found = [](std::string_view name) { return *find_host_logger(name); };
  EXPECT_EQ(found("db.pool"), found("db.pool.idle"));
  EXPECT_EQ(found("db"), found(""));
  EXPECT_NE(found("db.pool"), found("db"));
  EXPECT_EQ(found("db.pools"), found(""));
}

TEST(HostLoggers, ThatAreNotThereOrTakenAreErrors) {
  const absl::Status missing = find_host_logger("sislog").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.message()),
              HasSubstr("unknown host logger 'sislog'; did you mean 'syslog'?; "
                        "register_host_logger() adds one"));
  EXPECT_EQ(register_host_logger("mine", {}).code(), absl::StatusCode::kInvalidArgument);
  const HostWorld mine("mine");
  EXPECT_EQ(register_host_logger("mine", {.log = [](const HostRecord&) {}}).code(),
            absl::StatusCode::kAlreadyExists);
}

TEST(StdLibLogging, GivesPayloadsOfLogCallsAndEnvelopesOfTheRest) {
  HostWorld host("app");
  Client& client = host.open({{"logger_name", "app"}});
  client.warn("100%");
  client.metlog("order", {.severity = 3, .fields = {{"n", 7}}}, "placed");
  EXPECT_THAT(host.lines(), ElementsAre("app WARNING 100%", StartsWith("app ERROR {\"type\":")));
  EXPECT_EQ(payload_of(host.texts()[1]), "placed");
  EXPECT_EQ(field_of(host.texts()[1], "n"), "7");
}

TEST(StdLibLogging, WritesAPayloadThatIsNoTextAsJson) {
  HostWorld host("app");
  Client& client = host.open({{"logger_name", "app"}, {"payload_types", "*"}});
  METLOG_EVENT(client, "list", payload(std::vector<int>{1, 2}));
  EXPECT_THAT(host.lines(), ElementsAre("app INFO [1,2]"));
}

TEST(StdLibLogging, FiltersWhatNeitherListNames) {
  HostWorld host("app");
  const Filter renames("renames", [](Message& message) {
    if (message.type() == "raw") message.set_type("wanted");
    return true;
  });
  Client& client = host.open(
      {{"logger_name", "app"}, {"payload_types", "wanted"}, {"json_types", "other"}}, {renames});
  for (const char* const type : {"wanted", "unwanted", "raw"}) client.metlog(type, {}, type);
  EXPECT_THAT(host.lines(), ElementsAre("app INFO wanted", "app INFO raw"));
  EXPECT_EQ(client.stats().filtered, 1U);
}

TEST(StdLibLogging, LosesMessagesForWhichTheLibraryThrowsAndReportsThem) {
  HostWorld host("app");
  Client& client = host.open({{"logger_name", "app"}, {"json_types", "none"}});
  client.info("throw");
  client.info("next");
  EXPECT_THAT(host.lines(),
              ElementsAre("app INFO next", HasSubstr("WARNING {\"type\":\"metlog.loss")));
  EXPECT_EQ(client.stats().lost[LossReason::kRefused], 1U);
}

TEST(StdLibLogging, FlushesTheLibraryWhenItIsClosed) {
  HostWorld host("app");
  Client& client = host.open({{"logger_name", "app"}});
  client.info("one");
  EXPECT_EQ(client.close(std::chrono::seconds(10)).handover, Handover::kLibrary);
  EXPECT_EQ(host.flush_count(), 1);
}

TEST(StdLibLogging, NamesWhatItsConstructorDoesNotTake) {
  const auto error = [](const ValueMap& named) {
    return std::string(
        plan_sender("metlog.senders.StdLibLoggingSender", {{}, named}).status().message());
  };
  EXPECT_THAT(error({}), HasSubstr("unknown host logger ''; known are syslog"));
  EXPECT_THAT(error({{"logger_name", 7}}), HasSubstr("logger_name takes a string, not 7"));
  EXPECT_THAT(error({{"payload_types", 7}}), HasSubstr("payload_types takes a string or a list"));
  EXPECT_THAT(error({{"level", 7}}), HasSubstr("it knows no 'level'"));
}

TEST(Syslog, HasTheSeverityOfTheMessage) {
  const auto priority = [](std::int64_t severity) {
    return syslog_priority({"", host_level_of(severity), severity, ""});
  };
  EXPECT_EQ(priority(0), LOG_EMERG);
  EXPECT_EQ(priority(5), LOG_NOTICE);
  EXPECT_EQ(priority(7), LOG_DEBUG);
  EXPECT_EQ(priority(8), LOG_WARNING);
  EXPECT_EQ(priority(-1), LOG_WARNING);
}

TEST(Syslog, IsAHostLoggerFromTheBeginning) {
  ::openlog("host_logger_test", LOG_PERROR, LOG_USER);
  const int mask = ::setlogmask(LOG_UPTO(LOG_WARNING));
  testing::internal::CaptureStderr();
  {
    TestEngine test;
    Configuring how;
    how.engine = &test.engine();
    const ValueMap sender = {{"class", "metlog.senders.logging.StdLibLoggingSender"},
                             {"logger_name", "syslog"}};
    Client client = client_from_dict_config({{"sender", sender}}, how).value();
    client.warn("100% of %s");
    client.info("masked");
    EXPECT_EQ(client.close(std::chrono::seconds(10)).sent, 2U);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "host_logger_test: 100% of %s\n");
  ::setlogmask(mask);
  ::closelog();
}

}  // namespace
}  // namespace metlog
