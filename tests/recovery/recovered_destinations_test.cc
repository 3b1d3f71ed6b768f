// What a dead process has left goes to destinations whose URL says more than where they are.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "metlog/internal/base/unique_fd.h"
#include "tests/recovery/recovered.h"
#include "tests/support/journal_entry.h"

namespace metlog {
namespace {

using testing::IsEmpty;
using testing::StartsWith;

constexpr int kCount = 501;

/// Waits for a datagram, for a minute at most.
std::string datagram_of(const UniqueFd& fd) {
  pollfd ready{fd.get(), POLLIN, 0};
  if (::poll(&ready, 1, 60'000) != 1) return "none";
  std::array<char, 65'536> bytes;
  const ssize_t size = ::recv(fd.get(), bytes.data(), bytes.size(), 0);
  return {bytes.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
}

struct UdpCase {
  const char* scheme;
  const char* options;
  const char* begin;  // of each message
};

class RecoveredToUdp : public Recovered, public testing::WithParamInterface<UdpCase> {};

TEST_P(RecoveredToUdp, HasTheFormatOfTheUrl) {
  const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string host = "://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  run("kill", kCount, GetParam().scheme + host + GetParam().options);
  const RecoveryReport report = recover();
  EXPECT_THAT(report.complaints, IsEmpty());
  EXPECT_EQ(report.sent, report.found());
  EXPECT_EQ(report.lost + report.left + report.undecodable, 0U);
  EXPECT_TRUE(is_clean());
  EXPECT_THAT(datagram_of(fd), StartsWith(GetParam().begin));
}

INSTANTIATE_TEST_SUITE_P(Destinations, RecoveredToUdp,
                         testing::Values(UdpCase{"udp", "?format=logfmt", "time="},
                                         UdpCase{"syslog", "?app=shopd&facility=local0",
                                                 "<134>1 "}));

class RecoveredToTheJournal : public Recovered {};

TEST_F(RecoveredToTheJournal, HasAllFieldsOfTheDeadProgram) {
  const std::string path = log() + ".socket";
  run("kill", kCount, "journald:" + path + "?app=shopd&hold_ms=60000");
  const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  std::vector<JournalEntry> entries;
  std::thread reader([&] {
    for (int i = 0; i < kCount + 1; ++i) {
      entries.push_back(read_journal_entry(datagram_of(fd)).value_or(JournalEntry{}));
    }
  });
  const RecoveryReport report = recover();
  reader.join();
  EXPECT_THAT(report.complaints, IsEmpty());
  EXPECT_EQ(report.sent, static_cast<std::uint64_t>(kCount));
  EXPECT_TRUE(is_clean());
  const auto has = [](const JournalEntry& entry, const std::string& key, const std::string& value) {
    return std::find(entry.begin(), entry.end(), std::pair(key, value)) != entry.end();
  };
  for (int i = 0; i < kCount; ++i) {
    const JournalEntry& entry = entries[static_cast<std::size_t>(i)];
    EXPECT_TRUE(has(entry, "MESSAGE", "line " + std::to_string(i))) << i;
    EXPECT_TRUE(has(entry, "SYSLOG_IDENTIFIER", "shopd"));
  }
  EXPECT_TRUE(has(entries.back(), "TYPE", "metlog.death"));
}

class RecoveredMetrics : public Recovered {};

TEST_F(RecoveredMetrics, HaveNoLineForALogCall) {
  run("kill", kCount, "file:" + log() + "?format=statsd&prefix=shop.");
  const RecoveryReport report = recover();
  EXPECT_THAT(report.complaints, IsEmpty());
  EXPECT_EQ(report.sent, report.found());
  EXPECT_EQ(report.lost + report.left + report.undecodable, 0U);
  EXPECT_TRUE(is_clean());
  EXPECT_THAT(lines(), IsEmpty());
}

}  // namespace
}  // namespace metlog
