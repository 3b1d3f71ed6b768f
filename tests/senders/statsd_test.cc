// statsd: from a client to a socket that takes datagrams of lines.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include "metlog/internal/base/unique_fd.h"
#include "metlog/make_sender.h"
#include "metlog/metlog.h"
#include "tests/senders/without_session.h"

namespace metlog {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

/// A UDP socket on a port of the kernel's choice.
class Receiver {
 public:
  Receiver() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) { bind(0); }
  void close() { fd_ = UniqueFd(); }
  void bind_again() {
    fd_ = UniqueFd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    bind(port_);
  }
  [[nodiscard]] std::string url() const { return "statsd://127.0.0.1:" + std::to_string(port_); }

  /// Waits for a datagram, for a minute at most.
  std::string read() {
    pollfd ready{fd_.get(), POLLIN, 0};
    if (::poll(&ready, 1, 60'000) != 1) return "none";
    std::array<char, 65'536> bytes;
    const ssize_t size = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
    return {bytes.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
  }
  /// Waits for so many lines.
  std::vector<std::string> read_lines(std::size_t count) {
    std::vector<std::string> lines;
    while (lines.size() < count) {
      const std::string datagram = read();
      if (datagram == "none") break;
      ++datagrams_;
      longest_ = std::max(longest_, datagram.size());
      for (std::size_t begin = 0; begin <= datagram.size();) {
        const std::size_t end = std::min(datagram.find('\n', begin), datagram.size());
        lines.push_back(datagram.substr(begin, end - begin));
        begin = end + 1;
      }
    }
    return lines;
  }
  [[nodiscard]] std::size_t datagrams() const { return datagrams_; }
  [[nodiscard]] std::size_t longest() const { return longest_; }

 private:
  void bind(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    socklen_t size = sizeof address;
    ASSERT_EQ(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }

  UniqueFd fd_;
  std::uint16_t port_ = 0;
  std::size_t datagrams_ = 0;
  std::size_t longest_ = 0;
};

class StatsdTest : public testing::Test {
 protected:
  Client open(const std::string& options = "", ClientOptions client = {.logger = "shop"}) {
    absl::StatusOr<Client> opened = engine_.open(receiver_.url() + options, client);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }
  static void expect_exact(const Client& log, std::uint64_t sent, std::uint64_t filtered) {
    const Ledger ledger = log.stats();
    EXPECT_EQ(ledger.sent, sent);
    EXPECT_EQ(ledger.filtered, filtered);
    EXPECT_EQ(ledger.emitted, ledger.sent + ledger.filtered + ledger.lost.total());
  }

  Receiver receiver_;
  Engine engine_{without_session()};
};

/// Sends counters and timers of all kinds; the lines that they are.
std::vector<std::string> send_all_kinds(Client& log) {
  METLOG_INCR(log, "orders");
  METLOG_INCR(log, "orders", 3);
  METLOG_INCR(log, "load", 1e-7);
  METLOG_INCR(log, "shop::db|x:y@z\n", -2.5);
  METLOG_INCR(log, "users", 1, kv("logger", "db::main"));
  log.incr("text", "12 apples");
  log.timer_send("query", 41.5);
  log.incr("large", 1e300);
  std::string digits = std::to_string(1e300);
  digits.resize(digits.find('.') + 2);
  return {"orders:1|c",        "orders:3|c", "load:0.0000001|c", "shop.db_x_y_z_:-2.5|c",
          "db.main.users:1|c", "text:12|c",  "query:41.5|ms",    "large:" + digits + "|c"};
}

TEST_F(StatsdTest, SendsCountersAndTimersAndCountsTheRestAsFiltered) {
  Client log = open();
  const std::vector<std::string> expected = send_all_kinds(log);
  METLOG_INFO(log, "a line");
  METLOG_EVENT(log, "services", payload("foo"));
  METLOG_INCR(log, "none", std::numeric_limits<double>::quiet_NaN());
  METLOG_INCR(log, "last");
  EXPECT_TRUE(log.flush(seconds(60)));
  expect_exact(log, 9, 3);
  std::vector<std::string> lines = receiver_.read_lines(9);
  ASSERT_EQ(lines.size(), 9U);
  EXPECT_EQ(lines.back(), "last:1|c");
  lines.pop_back();
  EXPECT_EQ(lines, expected);
}

TEST_F(StatsdTest, WritesTheSameWhenAFilterHasReadOrChangedTheMessage) {
  for (const bool is_changed : {false, true}) {
    Client log = open("", {.logger = "shop", .filters = {Filter("reads", [&](Message& message) {
                                               if (is_changed)
                                                 message.set_severity(message.severity());
                                               return true;
                                             })}});
    const std::vector<std::string> expected = send_all_kinds(log);
    METLOG_INFO(log, "a line");
    METLOG_INCR(log, "none", std::numeric_limits<double>::infinity());
    EXPECT_TRUE(log.flush(seconds(60)));
    expect_exact(log, 8, 2);
    EXPECT_EQ(receiver_.read_lines(8), expected);
  }
}

TEST_F(StatsdTest, HasRatesAndPrefixes) {
  Client log = open("?prefix=shop.");
  for (int i = 0; i < 1000; ++i) log.incr("sampled", 1, {.rate = 0.25});
  METLOG_INCR(log, "last");
  EXPECT_TRUE(log.flush(seconds(60)));
  const std::uint64_t sent = log.stats().sent;
  EXPECT_GT(sent, 100U);
  const std::vector<std::string> lines = receiver_.read_lines(sent);
  ASSERT_EQ(lines.size(), sent);
  EXPECT_EQ(lines.front(), "shop.sampled:1|c|@0.25");
  EXPECT_EQ(lines.back(), "shop.last:1|c");
}

TEST_F(StatsdTest, TimesScopesInMilliseconds) {
  Client log = open();
  { METLOG_TIMER(log, "scope"); }
  EXPECT_TRUE(log.flush(seconds(60)));
  EXPECT_THAT(receiver_.read(), MatchesRegex("scope:[0-9]+\\.[0-9]+\\|ms"));
  expect_exact(log, 1, 0);
}

TEST_F(StatsdTest, PutsSeveralLinesIntoADatagram) {
  Client log = open("?max_datagram=200", {.logger = "shop", .batch_bytes = 64 * 1024});
  constexpr int kCount = 200;
  for (int i = 0; i < kCount; ++i) METLOG_INCR(log, "requests", i);
  METLOG_INCR(
      log,
      "a_name_longer_than_a_datagram_shall_be_has_one_to_itself_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
      "cccccccccccccccccccccccccccccccccccc");
  EXPECT_TRUE(log.flush(seconds(60)));
  expect_exact(log, kCount + 1, 0);
  const std::vector<std::string> lines = receiver_.read_lines(kCount + 1);
  ASSERT_EQ(lines.size(), kCount + 1U);
  for (int i = 0; i < kCount; ++i) {
    EXPECT_EQ(lines[static_cast<std::size_t>(i)], "requests:" + std::to_string(i) + "|c");
  }
  EXPECT_LT(receiver_.datagrams(), 100U);
  EXPECT_GT(receiver_.longest(), 200U) << "the long one";
}

TEST_F(StatsdTest, CountsWhatAClosedPortRefusesAndTellsTheNextReceiver) {
  Client log = open();
  METLOG_INCR(log, "before");
  EXPECT_TRUE(log.flush(seconds(60)));
  EXPECT_EQ(receiver_.read(), "before:1|c");
  receiver_.close();
  for (int i = 0; i < 10; ++i) METLOG_INCR(log, "nobody");
  log.flush(seconds(60));
  EXPECT_EQ(log.stats().lost[LossReason::kRefused], 10U);
  expect_exact(log, 1, 0);
  receiver_.bind_again();
  METLOG_INCR(log, "after");
  log.close(seconds(60));
  expect_exact(log, 2, 0);
  std::uint64_t told = 0;
  const std::string prefix = "metlog.loss.refused:";
  while (told < 10) {
    const std::vector<std::string> lines = receiver_.read_lines(1);
    if (lines.empty()) break;
    for (const std::string& line : lines) {
      if (line.starts_with(prefix)) told += std::stoull(line.substr(prefix.size()));
    }
  }
  EXPECT_EQ(told, 10U);
}

TEST(StatsdUrl, SaysWhatIsWrong) {
  Engine engine(without_session());
  const auto error_of = [&](const std::string& url) {
    return std::string(engine.open(url, {}).status().message());
  };
  EXPECT_THAT(error_of("statsd:"), HasSubstr("lacks a host"));
  EXPECT_THAT(error_of("statsd://h?pack=1"), HasSubstr("takes max_datagram, sndbuf"));
  EXPECT_THAT(error_of("statsd://h?prefix=a:b"), HasSubstr("a character that ends a name"));
  EXPECT_THAT(error_of("statsd://h?format=text"), HasSubstr("leave out format=text"));
  EXPECT_THAT(error_of("file:x?prefix=a"), HasSubstr("prefix"));
}

}  // namespace
}  // namespace metlog
