#include "metlog/internal/base/url.h"

#include <gmock/gmock.h>

namespace metlog {
namespace {

using testing::HasSubstr;

std::string endpoint_error(const char* text) {
  const auto url = parse_url(text);
  if (!url.ok()) return std::string(url.status().message());
  return std::string(host_and_port(*url).status().message());
}

TEST(Url, TakesAUrlApart) {
  const auto url = parse_url("UDP://localhost:5565?max_datagram=1200&sndbuf=1");
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(url->scheme, "udp");
  EXPECT_EQ(url->authority, "localhost:5565");
  EXPECT_EQ(url->path, "");
  EXPECT_EQ(url->query.at("max_datagram"), "1200");
  EXPECT_EQ(url->query.at("sndbuf"), "1");
}

TEST(Url, DecodesTheNamesOfItsOptionsToo) {
  const auto url = parse_url("udp://h:1?b%61tch=%31");
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(url->query.at("batch"), "1");
}

TEST(Url, KeepsAbsoluteAndRelativePathsApart) {
  EXPECT_EQ(parse_url("file:///var/x")->path, "/var/x");
  EXPECT_EQ(parse_url("file:var/x")->path, "var/x");
  EXPECT_EQ(parse_url("file:/var/x?truncate")->path, "/var/x");
  EXPECT_EQ(parse_url("file:///a%20b%3Fc")->path, "/a b?c");
}

TEST(Url, ReadsHostAndPort) {
  const auto v4 = host_and_port(*parse_url("udp://127.0.0.1:65535"));
  ASSERT_TRUE(v4.ok()) << v4.status();
  EXPECT_EQ(v4->host, "127.0.0.1");
  EXPECT_EQ(v4->port, 65535);
  const auto v6 = host_and_port(*parse_url("udp://[::1]:1/"));
  ASSERT_TRUE(v6.ok()) << v6.status();
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, 1);
}

TEST(Url, NamesThePortThatIsOutOfRange) {
  for (const char* port : {"99999", "0", "-1", "x", "", "55 65"}) {
    const std::string text = std::string("udp://h:") + port;
    EXPECT_EQ(endpoint_error(text.c_str()),
              std::string("port '") + port + "' in '" + text + "' is not in 1..65535");
  }
}

TEST(Url, TakesThePortsThatItsUserAllows) {
  const auto port_of = [](const char* text, Ports ports) {
    const auto target = host_and_port(*parse_url(text), ports);
    return target.ok() ? int{target->port} : -1;
  };
  EXPECT_EQ(port_of("udp://h:0", Ports::kFixedOrZero), 0);
  EXPECT_EQ(port_of("udp://h:*", Ports::kFixedOrZero), -1);
  EXPECT_EQ(port_of("tcp://h:*", Ports::kAnyOrStar), 0);
  EXPECT_EQ(port_of("tcp://h:65536", Ports::kAnyOrStar), -1);
}

TEST(Url, ReadsAListOfHosts) {
  const auto list = hosts_and_ports(*parse_url("udp://a:1,[::1]:2"));
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ(list->front().text(), "a:1");
  EXPECT_EQ(list->back().text(), "[::1]:2");
  EXPECT_THAT(std::string(hosts_and_ports(*parse_url("udp://a:1,b")).status().message()),
              HasSubstr("lacks a port"));
}

TEST(Url, OfAFileReadsBackAsItsPath) {
  for (const char* path : {"/tmp/100%25?#.log", "a/b c", "./x:y"}) {
    const Url url = file_url(path);
    EXPECT_EQ(url.path, path);
    const auto parsed = parse_url(url.text);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->scheme, "file");
    EXPECT_EQ(parsed->path, path);
  }
  EXPECT_EQ(file_url("/tmp/100%?.log").text, "file:///tmp/100%25%3F.log");
}

TEST(Url, SaysWhatIsMissing) {
  EXPECT_THAT(endpoint_error("udp://"), HasSubstr("lacks a host and a port"));
  EXPECT_THAT(endpoint_error("udp://host"), HasSubstr("lacks a port; write udp://host:port"));
  EXPECT_THAT(endpoint_error("udp://:5565"), HasSubstr("lacks a host"));
  EXPECT_THAT(endpoint_error("udp://[::1]"), HasSubstr("lacks a port"));
  EXPECT_THAT(endpoint_error("udp://::1:5565"), HasSubstr("write [::1]"));
  EXPECT_THAT(endpoint_error("udp://h:1/path"), HasSubstr("'/path'"));
}

TEST(Url, RefusesWhatIsNoUrl) {
  for (const char* text : {"", "nonsense", ":x", "://x", "1a:b", "a b:c", "app.log:1"}) {
    EXPECT_THAT(endpoint_error(text), HasSubstr("has no scheme")) << text;
  }
  for (const char* text : {"file:%", "file:%2", "file:%zz", "file:%00", "file:x?a=%"}) {
    EXPECT_THAT(endpoint_error(text), HasSubstr("has a '%'")) << text;
  }
  EXPECT_THAT(endpoint_error("file:x?a=1&a=2"), HasSubstr("option 'a' is given twice"));
}

TEST(UrlOptions, FallBackToTheirPresets) {
  const auto url = parse_url("null:");
  UrlOptions options(*url);
  EXPECT_EQ(options.number("n", {1, 10, 7}), 7);
  EXPECT_EQ(options.milliseconds("ms", 2000), std::chrono::milliseconds(2000));
  EXPECT_FALSE(options.flag("f"));
  EXPECT_TRUE(options.status().ok());
}

TEST(UrlOptions, ReadFlagsInAllSpellings) {
  for (const char* text : {"x:?f", "x:?f=", "x:?f=1", "x:?f=true"}) {
    const auto url = parse_url(text);
    EXPECT_TRUE(UrlOptions(*url).flag("f")) << text;
  }
  for (const char* text : {"x:?f=0", "x:?f=false"}) {
    const auto url = parse_url(text);
    EXPECT_FALSE(UrlOptions(*url).flag("f")) << text;
  }
}

TEST(UrlOptions, ReadFlagsThatCanBeAuto) {
  using Switch = UrlOptions::Switch;
  const auto read = [](const char* text, absl::Status& status) {
    const auto url = parse_url(text);
    UrlOptions options(*url);
    const Switch value = options.flag_or_auto("f");
    status = options.status();
    return value;
  };
  absl::Status status;
  EXPECT_EQ(read("x:", status), Switch::kOff);
  EXPECT_EQ(read("x:?f=0", status), Switch::kOff);
  EXPECT_EQ(read("x:?f", status), Switch::kOn);
  EXPECT_EQ(read("x:?f=1", status), Switch::kOn);
  EXPECT_EQ(read("x:?f=auto", status), Switch::kAuto);
  EXPECT_TRUE(status.ok()) << status;
  read("x:?f=2", status);
  EXPECT_EQ(status.message(), "option f='2' in 'x:?f=2' is neither 0, 1 nor auto");
}

TEST(UrlOptions, NameTheValueThatIsOutOfRange) {
  for (const char* value : {"0", "11", "x", "", "1x", "99999999999999999999"}) {
    const auto url = parse_url(std::string("x:?n=") + value);
    UrlOptions options(*url);
    EXPECT_EQ(options.number("n", {1, 10, 7}), 7);
    EXPECT_THAT(std::string(options.status().message()),
                HasSubstr(std::string("option n='") + value + "'"));
    EXPECT_THAT(std::string(options.status().message()), HasSubstr("is not in 1..10"));
  }
}

TEST(Url, TakesOptionsThatReadBackAsTheyWere) {
  const std::map<std::string, std::string> options = {{"header", "# a & b = 100% \x01"},
                                                      {"rotate_size", "1M"}};
  const Url url = with_options(file_url("/tmp/a?b"), options);
  const auto read = parse_url(url.text);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->path, "/tmp/a?b");
  EXPECT_EQ(read->query, options);
  EXPECT_EQ(url.query, options);
}

TEST(UrlOptions, NameTheUnknownOneAndListTheKnown) {
  const auto url = parse_url("x:?sndhwm=1");
  UrlOptions options(*url);
  options.number("hwm", {1, 10, 7});
  options.flag("f");
  EXPECT_EQ(options.status().message(),
            "unknown option 'sndhwm' in 'x:?sndhwm=1'; x: takes hwm, f");
}

}  // namespace
}  // namespace metlog
