// The keys of a client's format in a configuration: those of a URL.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/client_config.h"
#include "metlog/internal/engine/client_state.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::string_view kNull = "sender_url = null:\n";
constexpr std::string_view kStdOut = "sender_class = metlog.senders.dev.StdOutSender\n";

class FormatKeys : public testing::Test {
 protected:
  FormatKeys() {
    how_.engine = &engine_.engine();
    how_.holder = &holder_;
    how_.reading.environment = [](std::string_view name) {
      return name == "NUMBERS" ? std::optional<std::string>("1") : std::nullopt;
    };
  }
  absl::StatusOr<Client> of_ini(const std::string& lines, std::string_view sender = kNull) {
    return client_from_text_config("[metlog]\n" + std::string(sender) + lines, "metlog", how_);
  }
  /// The format of a client, and its options.
  Formatter format_of(const absl::StatusOr<Client>& client) {
    EXPECT_TRUE(client.ok()) << client.status();
    return client.ok() ? state_of(*client)->options.format : Formatter(MessageFormat::kOwn);
  }
  std::string error_of(const std::string& lines, std::string_view sender = kNull) {
    return std::string(of_ini(lines, sender).status().message());
  }

  TestEngine engine_;
  Holder holder_{engine_.engine()};
  Configuring how_;
};

TEST_F(FormatKeys, AreThoseOfAUrl) {
  std::vector<std::string> unknown;
  how_.unknown_keys = &unknown;
  for (const char* const name :
       {"json", "text", "indented", "pattern", "logfmt", "ecs", "gelf", "otel"}) {
    const std::string url = "sender_url = null:?format=" + std::string(name) + "\n";
    EXPECT_EQ(format_of(of_ini("format = " + std::string(name) + "\n")).format(),
              format_of(of_ini("", url)).format());
  }
  const Formatter pattern =
      format_of(of_ini("format = pattern\npattern = [%%n] %%v\ntime = utc\ncolor = always\n"));
  EXPECT_EQ(pattern.format(), MessageFormat::kPattern);
  EXPECT_EQ(pattern.options().pattern, "[%n] %v");
  EXPECT_TRUE(pattern.options().utc);
  EXPECT_EQ(pattern.options().colors, Colors::kAlways);
  const Formatter json = format_of(of_ini("add = level,line\nnumbers = 1\n"));
  EXPECT_EQ(json.format(), MessageFormat::kJson);
  EXPECT_EQ(json.options().add, "level,line");
  EXPECT_TRUE(json.options().numbers);
  EXPECT_TRUE(format_of(of_ini("numbers = true\n")).options().numbers);
  EXPECT_TRUE(format_of(of_ini("numbers = ${NUMBERS}\n")).options().numbers);
  EXPECT_FALSE(format_of(of_ini("numbers = 0\n")).options().numbers);
  EXPECT_THAT(unknown, IsEmpty());
}

TEST_F(FormatKeys, AreThoseOfJsonToo) {
  const auto client = client_from_json_config(
      R"({"sender": {"url": "null:"}, "format": "pattern", "pattern": "%v|", "time": "utc",
          "color": null})",
      how_);
  EXPECT_EQ(format_of(client).options().pattern, "%v|");
  const auto wrong = client_from_json_config(
      R"({"sender": {"url": "null:"}, "format": "pattern", "pattern": "%v%Q"})", how_);
  EXPECT_THAT(std::string(wrong.status().message()),
              AllOf(HasSubstr("pattern = \"%v%Q\": pattern '%v%Q', character 4: %Q is unknown")));
}

TEST_F(FormatKeys, ReplaceTheFormatOfASenderClass) {
  EXPECT_EQ(format_of(of_ini("", kStdOut)).format(), MessageFormat::kIndented);
  EXPECT_EQ(format_of(of_ini("format = logfmt\n", kStdOut)).format(), MessageFormat::kLogfmt);
  const Formatter indented = format_of(of_ini("add = level\n", kStdOut));
  EXPECT_EQ(indented.format(), MessageFormat::kIndented);
  EXPECT_EQ(indented.options().add, "level");
}

TEST_F(FormatKeys, YieldToTheUrl) {
  EXPECT_EQ(format_of(of_ini("format = logfmt\n", "sender_url = null:?format=ecs\n")).format(),
            MessageFormat::kEcs);
  const Formatter pattern = format_of(
      of_ini("format = pattern\npattern = a%%v\n", "sender_url = null:?pattern=b%%25v\n"));
  EXPECT_EQ(pattern.options().pattern, "b%v");
}

TEST_F(FormatKeys, DecideWhatIsWritten) {
  const auto client = of_ini("format = pattern\npattern = %%l|%%v|\n",
                             "sender_class = metlog.senders.dev.DebugCaptureSender\n");
  ASSERT_TRUE(client.ok()) << client.status();
  METLOG_WARN(*client, "slow {}", 7);
  step_until_quiet(engine_.engine());
  EXPECT_THAT(debug_capture(*client)->messages(), testing::ElementsAre("warning|slow 7|"));
  EXPECT_EQ(client->stats().emitted, 1U);
  EXPECT_EQ(client->stats().sent, 1U);
}

TEST_F(FormatKeys, NameThePlaceTheValueAndTheNearestRightOne) {
  const std::string place = "<text>:3: [metlog] ";
  EXPECT_EQ(error_of("format = logfnt\n"),
            place +
                "format = \"logfnt\": takes json, text, indented, pattern, logfmt, ecs, gelf, "
                "otel, syslog, journal, statsd; did you mean 'logfmt'?");
  EXPECT_THAT(error_of("format = 5\n"), StartsWith(place + "format = 5: takes json, text"));
  EXPECT_EQ(error_of("time = UTC\n"),
            place + "time = \"UTC\": takes local, utc; did you mean 'utc'?");
  EXPECT_EQ(error_of("color = allways\n"),
            place + "color = \"allways\": takes auto, always, never; did you mean 'always'?");
  EXPECT_EQ(error_of("numbers = 2\n"), place + "numbers = 2: takes 0, 1");
  EXPECT_EQ(error_of("pattern = 7\n"), place + "pattern = 7: takes a string");
  EXPECT_EQ(error_of("pattern = %%v\n"),
            place + "pattern = \"%v\", from \"%%v\": the format json has no option pattern");
  EXPECT_THAT(error_of("add = levle\n"),
              AllOf(StartsWith(place + "add = \"levle\": "), HasSubstr("did you mean 'level'?")));
  EXPECT_THAT(error_of("format = pattern\npattern = %%v %%{feilds}\n"),
              AllOf(StartsWith("<text>:4: [metlog] pattern = \"%v %{feilds}\""),
                    HasSubstr("character 6: 'feilds' is no part; did you mean 'fields'?")));
}

TEST_F(FormatKeys, RefuseASecondFormatOfTheSender) {
  const std::string formatter = "sender_formatter = metlog.formatters.text\n";
  EXPECT_EQ(error_of("format = logfmt\n", std::string(kStdOut) + formatter),
            "<text>:4: [metlog] format = \"logfmt\": the sender has the format text already; leave "
            "out one of the two");
  EXPECT_EQ(format_of(of_ini("format = text\n", std::string(kStdOut) + formatter)).format(),
            MessageFormat::kText);
}

}  // namespace
}  // namespace metlog
