#include "tools/router/transport/path_template.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/router/decoding.h"
#include "tests/router/envelope.h"
#include "tools/router/decode/timestamp_check.h"

namespace metlog {
namespace {

std::string path(const std::string& text, const EnvelopeParts& parts) {
  const absl::StatusOr<PathTemplate> made = PathTemplate::parse(text);
  EXPECT_TRUE(made.ok()) << made.status();
  Decoding decoding;
  EXPECT_EQ(decoding.outcome(envelope(parts)), "accepted");
  std::string below;
  made->write(decoding.message(), utc_ns_of_timestamp(decoding.message().timestamp), TimeZone::kUtc,
              below);
  return made->root() + "|" + below;
}

TEST(PathTemplate, WritesPartsOfTheMessageAndItsTime) {
  EXPECT_EQ(path("/var/log/app.log", {}), "/var/log|app.log");
  EXPECT_EQ(path("/app.log", {}), "|app.log");
  EXPECT_EQ(path("/var/log/%{Logger}/%Y-%m-%d_%H%M%S.%j.%y.jsonl", {}),
            "/var/log|app/2013-01-18_123456.018.13.jsonl");
  EXPECT_EQ(path("/l/x-%{Type}-%{Severity}-%{Hostname}-%{Pid}-%{EnvVersion}%%.log", {}),
            "/l|x-oldstyle-6-host-123-0.8%.log");
  EXPECT_EQ(path("/l/%{Fields[a]}/%{Fields[o.p]}/%{Fields[n]}%{Fields[t]}/%{Fields[none]}.log",
                 {{"fields", R"({"a":"x","o":{"p":"deep"},"n":1.5,"t":true})"}}),
            "/l|x/deep/1.5true/_.log");
}

TEST(PathTemplate, LetsNoValueLeaveItsPlaceInThePath) {
  const auto logger = [](const std::string& json) {
    return path("/l/%{Logger}/f", {{"logger", json}}).substr(3);
  };
  EXPECT_EQ(logger(R"("..")"), "_./f");
  EXPECT_EQ(logger(R"(".")"), "_/f");
  EXPECT_EQ(logger(R"("")"), "_/f");
  EXPECT_EQ(logger(R"("../../etc/passwd")"), "_._.._etc_passwd/f");
  EXPECT_EQ(logger(R"("/etc")"), "_etc/f");
  EXPECT_EQ(logger(R"(".hidden")"), "_hidden/f");
  EXPECT_EQ(logger(R"("a\u0000b\nc\u202ed\u007f")"), "a_b_c_d_/f");
  EXPECT_EQ(logger(R"("gr\u00fc\u00dfe x")"), "gr\u00fc\u00dfe x/f");
  EXPECT_EQ(logger("\"" + std::string(63, 'x') + R"(\u00fc")"), std::string(63, 'x') + "/f");
  EXPECT_EQ(logger("\"" + std::string(300, 'x') + "\""), std::string(64, 'x') + "/f");
}

TEST(PathTemplate, SaysWhatIsWrongAndWhere) {
  struct Wrong {
    const char* text;
    std::size_t offset;
    const char* what;
  };
  for (const Wrong& wrong : {
           Wrong{"", 0, "not absolute"},
           Wrong{"logs/x", 0, "not absolute"},
           Wrong{"%{Logger}/x", 0, "not absolute"},
           Wrong{"/logs/", 5, "slash"},
           Wrong{"/l/%{Logger", 3, "no '}'"},
           Wrong{"/l/%{logger}", 3, "'%{logger}'"},
           Wrong{"/l/%{Fields[]}", 3, "Fields[name]"},
           Wrong{"/l/a%Q", 4, "'%Q'"},
           Wrong{"/l/a%", 4, "'%'"},
           Wrong{"/l/%{Logger}/../x", 0, "/../"},
           Wrong{"/l/%{Logger}//x", 0, "//"},
           Wrong{"/l/%{Type}%{Type}%{Type}%{Type}", 0, "247 bytes"},
       }) {
    const absl::Status status = PathTemplate::parse(wrong.text).status();
    ASSERT_FALSE(status.ok()) << wrong.text;
    EXPECT_NE(std::string(status.message()).find(wrong.what), std::string::npos) << status;
    EXPECT_EQ(PathTemplate::error_offset(status), wrong.offset) << wrong.text;
  }
}

TEST(PathTemplate, KnowsWhetherARotatedFileCouldBeMeant) {
  const auto ends = [](const char* text) {
    return PathTemplate::parse(text)->ends_in_fixed_text();
  };
  EXPECT_TRUE(ends("/l/%{Logger}.log"));
  EXPECT_TRUE(ends("/l/%{Logger}/app1"));
  EXPECT_FALSE(ends("/l/%{Logger}"));
  EXPECT_FALSE(ends("/l/%{Logger}.1"));
  EXPECT_FALSE(ends("/l/%{Logger}1"));
  EXPECT_FALSE(ends("/l/app.%d"));
}

}  // namespace
}  // namespace metlog
