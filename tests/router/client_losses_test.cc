#include "tools/router/client_losses.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/router/decoding.h"
#include "tests/router/envelope.h"

namespace metlog {
namespace {

/// Reads metlog.loss messages, given as the members of their fields.
class ClientLossesTest : public testing::Test {
 protected:
  void note(const std::string& fields) {
    ASSERT_EQ(
        decoding_.outcome(envelope({{"type", "\"metlog.loss\""}, {"fields", "{" + fields + "}"}})),
        "accepted");
    losses_.note(decoding_.message());
  }
  /// A message of a client's about losses for one reason.
  void note(std::uint64_t client, const std::string& reason, std::uint64_t count,
            std::uint64_t total) {
    note(R"("count":)" + std::to_string(count) + R"(,"reason":")" + reason +
         R"(","session":"ab","client":)" + std::to_string(client) + R"(,"total":)" +
         std::to_string(total) + R"(,"total_)" + reason + R"(":)" + std::to_string(total));
  }

  Decoding decoding_;
  ClientLosses losses_;
};

TEST_F(ClientLossesTest, AddUpTheLossesOfSeveralClients) {
  note(1, "no_receiver", 10, 10);
  note(2, "ring_full", 3, 3);
  note(1, "no_receiver", 5, 15);
  const ClientLossCounts& counts = losses_.counts();
  EXPECT_EQ(counts.clients, 2U);
  EXPECT_EQ(counts.lost, 18U);
  EXPECT_EQ(counts.lost_by_reason[LossReason::kNoReceiver], 15U);
  EXPECT_EQ(counts.lost_by_reason[LossReason::kRingFull], 3U);
  EXPECT_EQ(counts.unreported, 0U);
}

TEST_F(ClientLossesTest, ShowInTheTotalsWhatNoMessageTold) {
  note(1, "no_receiver", 5, 3'000);  // messages that tell of 2,995 have not arrived
  EXPECT_EQ(losses_.counts().lost, 3'000U);
  EXPECT_EQ(losses_.counts().unreported, 2'995U);
  note(1, "no_receiver", 2'990, 3'000);
  EXPECT_EQ(losses_.counts().lost, 3'000U);
  EXPECT_EQ(losses_.counts().unreported, 5U);
}

TEST_F(ClientLossesTest, AreNotMoreWhenAMessageComesTwice) {
  for (int i = 0; i < 3; ++i) note(1, "no_receiver", 10, 10);
  EXPECT_EQ(losses_.counts().lost, 10U);
  EXPECT_EQ(losses_.counts().lost_by_reason[LossReason::kNoReceiver], 10U);
  EXPECT_EQ(losses_.counts().unreported, 0U);
}

TEST_F(ClientLossesTest, CountMessagesWithoutTotalsByThemselves) {
  for (int i = 0; i < 3; ++i) note(R"("count":7,"reason":"refused","session":"cd")");
  note(R"("count":1,"reason":"of a later version","session":"cd")");
  EXPECT_EQ(losses_.counts().lost, 22U);
  EXPECT_EQ(losses_.counts().lost_by_reason[LossReason::kRefused], 21U);
  EXPECT_EQ(losses_.counts().unreported, 0U);
}

TEST_F(ClientLossesTest, SurviveHostileNumbers) {
  for (const char* const number : {"-1", "1e300", "\"x\"", "null", "0.5", "18446744073709551615"}) {
    note(std::string(R"("count":)") + number + R"(,"client":)" + number + R"(,"total":)" + number);
  }
  EXPECT_LE(losses_.counts().unreported, losses_.counts().lost);
}

TEST_F(ClientLossesTest, ForgetTheClientThatWasSilentForLongest) {
  for (std::uint64_t client = 0; client <= ClientLosses::kMaxClients; ++client) {
    note(client, "refused", 1, 1);
  }
  EXPECT_EQ(losses_.counts().clients, ClientLosses::kMaxClients + 1);
  EXPECT_EQ(losses_.counts().forgotten, 1U);
  EXPECT_EQ(losses_.counts().lost, ClientLosses::kMaxClients + 1) << "what it lost stays";
}

}  // namespace
}  // namespace metlog
