// Several destinations of a client by configuration: INI, JSON and dictionaries.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/client_config.h"
#include "metlog/log.h"
#include "tests/client/config_fixture.h"
#include "tests/senders/temp_dir.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class DestinationsConfig : public ConfigFixture {
 protected:
  DestinationsConfig() {
    how_.reading.environment = [this](std::string_view name) {
      return name == "DEST" ? std::optional("file:" + files_.file("a") + "?level=error")
                            : std::nullopt;
    };
  }
  [[nodiscard]] std::string content(const std::string& name) const {
    return content_of(files_.file(name));
  }
  std::string error_of_json(const std::string& destinations) {
    how_.reading.name = "app.json";
    return std::string(client_from_json_config("{\"destinations\": " + destinations + "}", how_)
                           .status()
                           .message());
  }
  std::string error_of_ini(const std::string& lines) {
    how_.reading.name = "app.ini";
    return std::string(
        client_from_text_config("[metlog]\n" + lines, "metlog", how_).status().message());
  }

  TempDir files_;
};

TEST_F(DestinationsConfig, AreALineEachInIni) {
  std::vector<std::string> unknown;
  how_.unknown_keys = &unknown;
  absl::StatusOr<Client> log = client_from_text_config(
      "[metlog]\n"
      "format = pattern\n"
      "pattern = %%v\n"
      "destinations = file:" +
          files_.file("a") +
          "?level=warning\n"
          "               file:" +
          files_.file("b") + "?format=pattern&pattern=%%25l\n",
      "metlog", how_);
  ASSERT_TRUE(log.ok()) << log.status();
  METLOG_ERROR(*log, "one");
  METLOG_INFO(*log, "two");
  log->close(10s);
  EXPECT_EQ(content("a"), "one\n");
  EXPECT_EQ(content("b"), "error\ninfo\n");
  EXPECT_EQ(log->stats().unexplained(), 0);
  EXPECT_THAT(unknown, IsEmpty());
}

TEST_F(DestinationsConfig, MayBeOneInIni) {
  absl::StatusOr<Client> log = client_from_text_config(
      "[metlog]\nformat = pattern\npattern = %%v\ndestinations = ${DEST}\n", "metlog", how_);
  ASSERT_TRUE(log.ok()) << log.status();
  METLOG_ERROR(*log, "one");
  METLOG_INFO(*log, "two");
  log->close(10s);
  EXPECT_EQ(content("a"), "one\n");
}

TEST_F(DestinationsConfig, HaveMembersInJson) {
  absl::StatusOr<Client> log = client_from_json_config(
      R"({"format": "pattern", "pattern": "%l %v", "destinations": [
            "file:)" +
          files_.file("a") + R"(",
            {"url": "file:)" +
          files_.file("b") + R"(", "level": "warning", "pattern": "%v",
             "when_full": "block", "batch_count": 8, "pool_size": 2, "batch_bytes": 4096},
            {"url": "file:)" +
          files_.file("c") + R"(?level=trace", "level": "error",
             "filters": [["metlog.filters.type_blacklist", {"types": ["oldstyle"]}]]},
            {"url": "file:)" +
          files_.file("no/such") + R"(", "optional": true}]})",
      how_);
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_THAT(log->outputs(), SizeIs(3));
  METLOG_WARN(*log, "one");
  METLOG_INFO(*log, "two");
  METLOG_EVENT(*log, "sale", payload("three"));
  log->close(10s);
  EXPECT_EQ(content("a"), "warning one\ninfo two\ninfo sale three\n");
  EXPECT_EQ(content("b"), "one\n");
  EXPECT_EQ(content("c"), "info sale three\n") << "the URL's option overrides the member";
  EXPECT_EQ(log->stats().unexplained(), 0);
}

TEST_F(DestinationsConfig, ReplaceThoseOfALivingClient) {
  const std::string format = R"({"format": "pattern", "pattern": "%v", "destinations": )";
  const std::string a = "\"file:" + files_.file("a") + "\"";
  const std::string b = "\"file:" + files_.file("b") + "\"";
  Client& log = holder_.get_client("app");
  const auto configure = [&](const std::string& destinations) {
    return client_from_json_config(format + destinations + "}", log, how_);
  };
  ASSERT_TRUE(configure("[" + a + "]").ok());
  METLOG_INFO(log, "1");
  ASSERT_TRUE(configure("[" + a + ", " + b + "]").ok());
  METLOG_INFO(log, "2");
  EXPECT_THAT(std::string(configure("[" + a + ", \"nonsense:x\"]").message()),
              HasSubstr("destination 2 of 2"));
  METLOG_INFO(log, "3");
  ASSERT_TRUE(configure(b).ok());
  METLOG_INFO(log, "4");
  log.close(10s);
  EXPECT_EQ(content("a"), "1\n2\n3\n");
  EXPECT_EQ(content("b"), "2\n3\n4\n");
  EXPECT_EQ(log.stats().unexplained(), 0);
  EXPECT_EQ(log.stats().lost.total(), 0U);
}

TEST_F(DestinationsConfig, SayWhatIsWrongAndWhere) {
  EXPECT_THAT(
      error_of_json("[\n\"null:\",\n\"null:?levl=warning\"]"),
      AllOf(StartsWith("app.json:3: destinations[1] = \"null:?levl=warning\": destination 2 "
                       "of 2: "),
            HasSubstr("'levl'")));
  EXPECT_THAT(error_of_json("[{\"url\": \"null:\", \"levle\": 4}]"),
              AllOf(StartsWith("app.json:1: destinations[0].levle = 4: "),
                    HasSubstr("did you mean 'level'?")));
  EXPECT_THAT(error_of_json("[{\"url\": \"null:\", \"level\": \"warming\"}]"),
              StartsWith("app.json:1: destinations[0].level = \"warming\": "));
  EXPECT_THAT(error_of_json("[{\"url\": \"null:\", \"when_full\": \"grow\"}]"),
              HasSubstr("destinations[0].when_full = \"grow\": takes drop or block"));
  EXPECT_THAT(error_of_json("[{\"level\": \"error\"}]"), HasSubstr("takes a URL"));
  EXPECT_THAT(error_of_json("[5]"), HasSubstr("destinations[0] = 5: takes a URL"));
  EXPECT_THAT(error_of_json("[]"), HasSubstr("takes 1 to 16 destinations"));
  EXPECT_THAT(error_of_ini("logger = a\ndestinations = null:\n    null:?when_full=grow\n"),
              AllOf(StartsWith("app.ini:3: [metlog] destinations = \"null:?when_full=grow\": "
                               "destination 2 of 2: "),
                    HasSubstr("takes drop, block")));
  EXPECT_THAT(error_of_ini("destinations = null:\nsender_url = null:\n"),
              AllOf(StartsWith("app.ini:2: [metlog] destinations = "),
                    HasSubstr("there is a sender, too")));
}

TEST_F(DestinationsConfig, OpenNothingWhenOneIsWrong) {
  EXPECT_THAT(error_of_ini("destinations = file:" + files_.file("a") + "\n  nonsense:x\n"),
              HasSubstr("destination 2 of 2"));
  EXPECT_NE(::access(files_.file("a").c_str(), F_OK), 0);
}

}  // namespace
}  // namespace metlog
