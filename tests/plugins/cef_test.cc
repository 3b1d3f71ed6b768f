// Statements 211-218 and tests/golden/cef.json.

#include "metlog/cef.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

#include "metlog/internal/plugins/cef/cef_line.h"
#include "tests/plugins/plugin_world.h"
#include "tests/senders/captured_stderr.h"

namespace metlog {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

constexpr const char* kProvider = "metlog_cef.cef_plugin:config_plugin";
constexpr std::string_view kGoldenHead = "Jan 18 12:34:56 cefhost ";

std::string own_host() {
  char name[256] = {};
  EXPECT_EQ(gethostname(name, sizeof name - 1), 0);
  return name;
}

/// The recorded line begins with a date and a host of 7 bytes; ours has another head.
struct Head {
  std::string ours;
  std::ptrdiff_t longer = 0;

  explicit Head(const std::string& line)
      : ours(line.substr(0, 15) + " " + own_host() + " "),
        longer(static_cast<std::ptrdiff_t>(ours.size()) -
               static_cast<std::ptrdiff_t>(kGoldenHead.size())) {}
};

/// Lets a value of hundreds of bytes fill the line up to the same length as the recorded one.
Value fitted(const Value& value, std::ptrdiff_t longer) {
  const std::string* const text = value.as_text();
  if (text == nullptr || text->size() < 500) return value;
  return text->substr(static_cast<std::size_t>(longer < 0 ? 0 : longer)) +
         std::string(static_cast<std::size_t>(longer < 0 ? -longer : 0), 'v');
}

/// Calls the method as the recorded program did.
absl::StatusOr<Value> call(Client& client, const ValueMap& one, std::ptrdiff_t longer) {
  Arguments arguments{
      {at(one, "name_arg"), at(one, "severity_arg"), at(one, "environ"), at(one, "config")}, {}};
  for (const ValueEntry& entry : map_in(one, "keywords")) {
    arguments.named.set(entry.key, fitted(entry.value, longer));
  }
  return client.call("cef", arguments);
}

void compare(const ValueMap& one, const ValueMap& sent, const std::string& line) {
  const ValueMap& recorded = map_in(one, "message");
  for (const char* const key : {"type", "logger", "severity", "fields"}) {
    EXPECT_EQ(at(sent, key), at(recorded, key)) << key;
  }
  EXPECT_EQ(text_in(sent, "payload"), line);
  std::string wanted = text_in(recorded, "payload");
  if (!wanted.starts_with(kGoldenHead)) {  // the case replaces date and host
    EXPECT_EQ(line, wanted);
    return;
  }
  const Head head(line);
  EXPECT_THAT(line.substr(0, 15), MatchesRegex("[JFMASOND][a-z][a-z] [0-3][0-9] "
                                               "[0-2][0-9]:[0-5][0-9]:[0-6][0-9]"));
  wanted.replace(0, kGoldenHead.size(), head.ours);
  if (const std::size_t at = wanted.find(" k=vvv"); at != std::string::npos) {
    EXPECT_EQ(line.size(), 1024U);
    wanted.resize(at + 3);
    wanted.append(line.size() - wanted.size(), 'v');
  }
  EXPECT_EQ(line, wanted);
}

TEST(Cef, WritesTheRecordedLines) {
  for (const ValueMap& one : cases_of(golden("cef.json"))) {
    SCOPED_TRACE(text_in(one, "name"));
    PluginWorld world;
    const absl::Status added = world.add(kProvider, map_in(one, "plugin_config"));
    if (one.contains("error")) {
      EXPECT_EQ(added.code(), absl::StatusCode::kInvalidArgument);
      EXPECT_THAT(std::string(added.message()),
                  HasSubstr(text_in(map_in(one, "error"), "message")));
      continue;
    }
    ASSERT_TRUE(added.ok()) << added;
    const Head head{std::string(kGoldenHead)};
    const absl::StatusOr<Value> line = call(world.client(), one, head.longer);
    ASSERT_TRUE(line.ok()) << line.status();
    compare(one, world.messages(1).at(0), *line->as_text());
  }
}

CefParts some_parts() {
  CefParts parts;
  parts.date = "Jan 18 12:34:56";
  parts.host = "cefhost";
  return parts;
}

TEST(Cef, WarnsOnceOfWhatDoesNotFit) {
  const std::size_t room = 1024 - make_cef_line(some_parts(), {}).text.size() - 3;
  const std::string escaped(room, '=');
  const CefLine fits = make_cef_line(some_parts(), {{"k", escaped}});
  EXPECT_EQ(fits.too_big, "");
  EXPECT_GT(fits.text.size(), 1024U) << "escapes do not count, as in the original";
  const CefLine cut = make_cef_line(some_parts(), {{"k", escaped + "="}, {"a", "1"}, {"z", "22"}});
  EXPECT_TRUE(cut.text.ends_with(" a=1 z=22")) << cut.text;
  EXPECT_THAT(cut.too_big, HasSubstr("CEF Message too big. Jan 18 12:34:56 cefhost CEF:"));
  EXPECT_THAT(cut.too_big, HasSubstr("'k'"));
}

TEST(Cef, SortsByBytesOfValueThenOfKey) {
  const CefLine line = make_cef_line(
      some_parts(), {{"bb", "x"}, {"a", "\xc3\xa9"}, {"d", "x"}, {"c", "x"}, {"e", ""}});
  EXPECT_TRUE(line.text.ends_with(" e= c=x d=x bb=x a=\xc3\xa9")) << line.text;
}

TEST(Cef, SaysOnStandardErrorWhichKeyIsIllegal) {
  const CefLine line = make_cef_line(some_parts(), {{"ba|d", "1"}});
  EXPECT_EQ(line.illegal_key, "The \"ba|d\" key contains illegal characters");
  EXPECT_TRUE(line.text.ends_with(" ba|d=1")) << "the key is used as it is";
  PluginWorld world;
  const CapturedStderr said;
  ASSERT_TRUE(send_cef(world.client(), {}, {.name = "x", .extensions = {{"a\nb", 1}}}).ok());
  EXPECT_EQ(said.text(), "metlog: The \"a\\nb\" key contains illegal characters\n");
  world.messages(1);
}

TEST(Cef, EscapesLineBreaksOfTheName) {
  EXPECT_EQ(cef_prefix("a\r\nb|c\\d=e"), "a\\\r\\\nb\\|c\\\\d=e");
  EXPECT_EQ(cef_extension("a\r\nb|c\\d=e"), "a\r\nb|c\\\\d\\=e");
}

TEST(Cef, DatesInLocalTimeAndEnglish) {
  ::setenv("TZ", "UTC-2", 1);
  ::tzset();
  EXPECT_EQ(cef_date(1358505296), "Jan 18 12:34:56");
  EXPECT_EQ(cef_date(1358505296 + 22 * 86400), "Feb 09 12:34:56") << "two digits of the day";
  ::unsetenv("TZ");
  ::tzset();
}

TEST(Cef, TakesTheFirstAddressThatForwarded) {
  PluginWorld world;
  ASSERT_TRUE(world.add(kProvider, {}).ok());
  const ValueMap config = {
      {"cef.version", 0}, {"cef.vendor", "v"}, {"cef.product", "p"}, {"cef.device.version", 3}};
  const ValueMap environ = {{"HTTP_X_FORWARDED_FOR", " 10.0.0.1 , 10.0.0.2"},
                            {"REMOTE_ADDR", "127.0.0.1"}};
  const auto line =
      world.client().call("cef", {{"x", 5, environ, config}, {{"username", nullptr}}});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(*line->as_text(), HasSubstr("CEF:0|v|p|3|x|x|5|"));
  EXPECT_THAT(*line->as_text(), HasSubstr(" src=10.0.0.1 dhost=none suser=None"));
  world.messages(1);
}

TEST(Cef, NamesTheArgumentAtFault) {
  PluginWorld world;
  ASSERT_TRUE(world.add(kProvider, {}).ok());
  const auto error = [&](const Arguments& arguments) {
    const absl::StatusOr<Value> answer = world.client().call("cef", arguments);
    return answer.ok() ? "(no error)" : std::string(answer.status().message());
  };
  EXPECT_THAT(error({}), HasSubstr("'name' is missing"));
  EXPECT_THAT(error({{"x", 5, ValueMap(), ValueMap()}, {}}), HasSubstr("lacks 'cef.version'"));
  EXPECT_THAT(error({{"x", 5, "env", ValueMap()}, {}}), HasSubstr("environ = \"env\""));
  EXPECT_THAT(error({{"x", 5, ValueMap(), 7}, {}}), HasSubstr("config = 7"));
  EXPECT_THAT(std::string(world.add(kProvider, {{"syslog_option", "PID"}}).message()),
              HasSubstr("Unexpected arguments: ['syslog_option']; it takes syslog_options, "));
  EXPECT_THAT(std::string(world.add(kProvider, {{"syslog_priority", "WARN"}}).message()),
              HasSubstr("Priority should be one of: ['EMERG', 'ALERT', 'CRIT', 'ERR'"));
  EXPECT_THAT(std::string(world.add(kProvider, {{"syslog_options", "PID, CONS"}}).message()),
              HasSubstr("Option should be one of: ['PID'"));
  world.messages(0);
}

TEST(Cef, HasATypedForm) {
  PluginWorld world;
  const absl::StatusOr<std::string> line =
      send_cef(world.client(), {.vendor = "shop", .product = "till", .device_version = "3"},
               {.name = "log|in",
                .severity = 5,
                .signature = kCefAuthFailure,
                .username = "anna",
                .request = {.user_agent = "a=b", .method = "GET", .path = "/", .host = "shop"},
                .extensions = {{"cn1", 7}}},
               {.options = "PID,NDELAY", .priority = "ALERT"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_THAT(*line, HasSubstr("CEF:0|shop|till|3|AuthFail|log\\|in|5|"
                               "cs1Label=requestClientApplication cs1=a\\=b requestMethod=GET "
                               "request=/ src=None dhost=shop suser=anna cn1=7"));
  EXPECT_FALSE(send_cef(world.client(), {}, {}, {.facility = "kern"}).ok());
  const ValueMap sent = world.messages(1).at(0);
  EXPECT_EQ(text_in(sent, "payload"), *line);
  EXPECT_EQ(at(map_in(sent, "fields"), "cef_meta"), Value(ValueMap{{"syslog_options", "PID,NDELAY"},
                                                                   {"syslog_facility", nullptr},
                                                                   {"syslog_ident", nullptr},
                                                                   {"syslog_priority", "ALERT"}}));
}

TEST(Cef, HasTheSignaturesOfTheOriginal) {
  const ValueMap recorded = golden("cef.json");
  const ValueMap& names = map_in(recorded, "signature_constants");
  EXPECT_EQ(text_in(names, "AUTH_FAILURE"), kCefAuthFailure);
  EXPECT_EQ(text_in(names, "CAPTCHA_FAILURE"), kCefCaptchaFailure);
  EXPECT_EQ(text_in(names, "OVERRIDE_FAILURE"), kCefOverrideFailure);
  EXPECT_EQ(text_in(names, "ACCOUNT_LOCKED"), kCefAccountLocked);
  EXPECT_EQ(text_in(names, "PASSWD_RESET_CLR"), kCefPasswordResetCleared);
  EXPECT_EQ(names.size(), 5U);
}

}  // namespace
}  // namespace metlog
