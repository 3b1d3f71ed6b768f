#include "tools/router/http/http_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace metlog {
namespace {

using testing::HasSubstr;

TEST(HttpUrl, HasItsParts) {
  const auto url = parse_http_url("HTTPS://user:p%40ss@Example.org:8443/a%20b/c?token=x#part");
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->user_info, "user:p%40ss");
  EXPECT_EQ(url->authority(), "example.org:8443");
  EXPECT_EQ(url->path, "/a%20b/c");
  EXPECT_EQ(url->query, "?token=x");
  EXPECT_EQ(url->text(), "https://user:p%40ss@example.org:8443/a%20b/c?token=x");
}

TEST(HttpUrl, ShowsNoSecrets) {
  EXPECT_EQ(parse_http_url("http://u:secret@h/p?key=secret")->shown(), "http://h/p");
}

TEST(HttpUrl, HasAPathAndTakesAnyHost) {
  EXPECT_EQ(parse_http_url("http://h")->text(), "http://h/");
  EXPECT_EQ(parse_http_url("http://h?a=b")->text(), "http://h/?a=b");
  EXPECT_EQ(parse_http_url("http://[::1]:80/x")->authority(), "[::1]:80");
  EXPECT_EQ(parse_http_url("http://[::1]/x")->authority(), "[::1]");
  EXPECT_EQ(parse_http_url("http://127.0.0.1:1/")->port, "1");
  EXPECT_EQ(parse_http_url("http://h/a@b:c")->host, "h");
}

TEST(HttpUrl, RefusesWhatIsNone) {
  for (const char* text : {"",
                           "h/p",
                           "ftp://h/",
                           "http:/h",
                           "http:h",
                           "http://",
                           "http:///p",
                           "http://:80/",
                           "http://h:/",
                           "http://h:0/",
                           "http://h:65536/",
                           "http://h:8x/",
                           "http://h:-1/",
                           "http://h:+1/",
                           "http://a b/",
                           "http://h/\n",
                           "http://h/\xc3\xa9",
                           "http://[::1",
                           "http://]/",
                           "http://h%2f/",
                           "file:///x"}) {
    const auto url = parse_http_url(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_THAT(std::string(url.status().message()), HasSubstr("write https://host/path"));
  }
}

TEST(HttpSettings, TakesHeadersThatCanBeSent) {
  EXPECT_TRUE(check({.headers = {"Authorization: Bearer x", "X-A:b", "X-Empty:"}}).ok());
  EXPECT_TRUE(check({.method = "PUT", .proxy = "http://proxy:3128"}).ok());
}

TEST(HttpSettings, RefusesWhatCannotBeSent) {
  const auto fault = [](const HttpSettings& settings) {
    return std::string(check(settings).message());
  };
  EXPECT_THAT(fault({.headers = {"no colon"}}), HasSubstr("'no colon'"));
  EXPECT_THAT(fault({.headers = {": x"}}), HasSubstr("Name: value"));
  EXPECT_THAT(fault({.headers = {"A B: x"}}), HasSubstr("Name: value"));
  EXPECT_THAT(fault({.headers = {"A: x\r\nB: y"}}), HasSubstr("control character"));
  EXPECT_THAT(fault({.headers = {"content-LENGTH: 5"}}), HasSubstr("by the output itself"));
  EXPECT_THAT(fault({.method = "PO ST"}), HasSubstr("'PO ST'"));
  EXPECT_THAT(fault({.method = ""}), HasSubstr("method"));
  EXPECT_THAT(fault({.proxy = "proxy:3128"}), HasSubstr("proxy: 'proxy:3128'"));
  EXPECT_THAT(fault({.ca_file = "/nowhere/ca.pem"}), HasSubstr("'/nowhere/ca.pem': No such file"));
}

TEST(HttpSettings, FindsAHeaderWhateverItsCase) {
  EXPECT_TRUE(has_header({"content-type: x"}, "Content-Type"));
  EXPECT_FALSE(has_header({"content-type-x: x"}, "Content-Type"));
}

}  // namespace
}  // namespace metlog
