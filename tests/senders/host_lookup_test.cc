#include "senders/sender/host_lookup.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "senders/udp/udp_fan_out.h"
#include "senders/udp/udp_sender.h"
#include "tests/senders/receiver.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::ElementsAre;

/// The addresses of the only name, one for each look-up; the last one stays.
std::vector<std::string> answers;
std::size_t asked = 0;

absl::StatusOr<Addresses> answer(const HostAndPort& target, int socket_type, std::string_view url) {
  const std::string address = answers[std::min(asked++, answers.size() - 1)];
  if (address.empty()) return absl::UnavailableError("no such host");
  return resolve_host({address, target.port}, socket_type, url);
}

class HostLookupTest : public testing::Test {
 protected:
  static HostLookup lookup_of(const std::string& host, std::vector<std::string> its_answers) {
    answers = std::move(its_answers);
    asked = 0;
    return {{host, 5565}, SOCK_DGRAM, answer};
  }

  const HostLookup::TimePoint start_ = steady_clock::now() + std::chrono::hours(1);
};

TEST_F(HostLookupTest, AsksAgainAfterAFailureButNotAtOnce) {
  HostLookup lookup = lookup_of("host.example", {"127.0.0.1", "", "127.0.0.2"});
  EXPECT_TRUE(lookup.first("udp:").ok());
  EXPECT_EQ(lookup.after_failure(start_), nullptr) << "no such host, for now";
  EXPECT_EQ(lookup.after_failure(start_ + milliseconds(999)), nullptr);
  EXPECT_EQ(asked, 2U);
  EXPECT_NE(lookup.after_failure(start_ + milliseconds(1000)), nullptr);
  EXPECT_EQ(asked, 3U);
}

TEST_F(HostLookupTest, AsksAgainAfterAMinute) {
  HostLookup lookup = lookup_of("host.example", {"127.0.0.1"});
  EXPECT_TRUE(lookup.first("udp:").ok());
  EXPECT_EQ(lookup.after_a_while(steady_clock::now()), nullptr);
  EXPECT_NE(lookup.after_a_while(start_), nullptr);
  EXPECT_EQ(lookup.after_a_while(start_ + seconds(59)), nullptr);
  EXPECT_NE(lookup.after_a_while(start_ + seconds(60)), nullptr);
}

TEST_F(HostLookupTest, NeverAsksAgainForAnAddress) {
  for (const char* host : {"127.0.0.1", "::1"}) {
    HostLookup lookup = lookup_of(host, {host});
    EXPECT_TRUE(lookup.first("udp:").ok());
    EXPECT_EQ(lookup.after_failure(start_), nullptr);
    EXPECT_EQ(lookup.after_a_while(start_), nullptr);
    EXPECT_EQ(asked, 1U);
  }
}

TEST_F(HostLookupTest, LetsUdpFollowAHostThatHasMoved) {
  const Receiver receiver;
  lookup_of("", {"127.0.0.2", "127.0.0.1"});
  const auto port = static_cast<std::uint16_t>(receiver.port());
  auto sender = UdpSender::open({"moves.example", port}, "udp://moves.example", answer);
  ASSERT_TRUE(sender.ok()) << sender.status();
  Batch batch = batch_of({"a", "b", "c"});
  EXPECT_EQ(send_until_settled(**sender, batch), SendResult::kSent);
  EXPECT_THAT(receiver.receive(3), ElementsAre("a", "b", "c"));
  EXPECT_EQ(batch.sent_count(), 3U);
  EXPECT_EQ((*sender)->connections().resolved, 1U);
  expect_all_accounted_for(batch);
}

TEST_F(HostLookupTest, CountsWhatAHostRefusesThatHasNotMoved) {
  const Receiver receiver;
  lookup_of("", {"127.0.0.2"});
  const auto port = static_cast<std::uint16_t>(receiver.port());
  auto sender = UdpSender::open({"stays.example", port}, "udp://stays.example", answer);
  ASSERT_TRUE(sender.ok()) << sender.status();
  Batch batch = batch_of({"a", "b"});
  EXPECT_EQ(send_until_settled(**sender, batch), SendResult::kSent);
  EXPECT_EQ(batch.lost()[LossReason::kRefused], 2U);
  EXPECT_EQ(asked, 2U) << "the second loss comes within a second";
  expect_all_accounted_for(batch);
}

}  // namespace
}  // namespace metlog
