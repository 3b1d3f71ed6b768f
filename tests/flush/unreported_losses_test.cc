// What was lost is reported in the stream, even if the message that tells it is lost.

#include "metlog/internal/flush/unreported_losses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/senders/captured_stderr.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

std::vector<std::string> told_by(const std::vector<std::string>& messages) {
  std::vector<std::string> reported;
  for (const std::string& message : messages) {
    reported.push_back(is_loss(message)
                           ? loss_reason(message) + " " + std::to_string(loss_count(message)) +
                                 " of " + field_of(message, "total")
                           : payload_of(message));
  }
  return reported;
}

Capture::Answer refused() { return Capture::lost(LossReason::kNoReceiver); }

/// Refuses everything until it is let.
class RefusingSender final : public Sender {
 public:
  RefusingSender(std::shared_ptr<Capture> capture, const bool& refuses)
      : sender_(std::move(capture)), refuses_(refuses) {}
  SendResult send(Batch& batch) override {
    if (!refuses_) return sender_.send(batch);
    batch.lose_rest(LossReason::kNoReceiver);
    return SendResult::kLost;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "refusing:"; }

 private:
  CaptureSender sender_;
  const bool& refuses_;
};

/// A client whose destination refuses everything, until it takes everything.
class RefusedClient : public testing::Test {
 protected:
  RefusedClient() {
    Engine::Parts parts;
    parts.options.session_directory = "none";
    parts.threads = Engine::Threads::kNone;
    engine_.emplace(std::move(parts));
    client_.emplace(engine_->open(std::make_unique<RefusingSender>(capture_, refuses_)).value());
  }

  bool refuses_ = true;
  const std::shared_ptr<Capture> capture_ = std::make_shared<Capture>();
  std::optional<Engine> engine_;
  std::optional<Client> client_;
};

TEST_F(RefusedClient, IsToldOfItsLossesInOneMessageWhenSomethingGetsThrough) {
  for (int i = 0; i < 4; ++i) {
    METLOG_INFO(*client_, "{}", i);
    step_until_quiet(*engine_);
  }
  EXPECT_EQ(client_->stats().lost[LossReason::kNoReceiver], 4U);
  EXPECT_EQ(client_->stats().marks, 0U) << "what was lost is not in the stream";
  refuses_ = false;
  METLOG_INFO(*client_, "{}", 4);
  step_until_quiet(*engine_);
  EXPECT_THAT(told_by(capture_->messages()), ElementsAre("4", "no_receiver 4 of 4"));
  EXPECT_EQ(client_->stats().marks, 1U);
  EXPECT_EQ(client_->close(60s).lost, 4U);
  EXPECT_EQ(client_->stats().unexplained(), 0);
}

TEST_F(RefusedClient, IsToldOfItsLossesWithoutAnotherMessageAfterAWhile) {
  METLOG_INFO(*client_, "lost");
  step_until_quiet(*engine_);
  refuses_ = false;
  while (capture_->messages().empty()) engine_->step();
  EXPECT_THAT(told_by(capture_->messages()), ElementsAre("no_receiver 1 of 1"));
  EXPECT_EQ(client_->close(60s).lost, 1U);
  EXPECT_EQ(client_->stats().unexplained(), 0);
}

TEST(UnreportedLosses, IsDueWhenTheDestinationHasTakenSomethingOrLaterAndLater) {
  UnreportedLosses unreported;
  UnreportedLosses::TimePoint now{};
  EXPECT_TRUE(unreported.is_due(0, now));
  for (const auto wait : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    unreported.wait(0, now);
    EXPECT_FALSE(unreported.is_due(0, now + wait - 1ns));
    EXPECT_TRUE(unreported.is_due(0, now + wait));
    now += wait;
  }
  unreported.wait(0, now);
  EXPECT_TRUE(unreported.is_due(1, now)) << "something got through";
  unreported.wait(1, now);
  EXPECT_FALSE(unreported.is_due(1, now + 99ms));
  EXPECT_TRUE(unreported.is_due(1, now + 100ms)) << "from the beginning";
}

TEST(UnreportedLosses, AddsUpLossesOfAReasonAndJumps) {
  UnreportedLosses unreported;
  unreported.add(loss_of(LossReason::kRefused, 2, 50, 60));
  unreported.add(loss_of(LossReason::kRefused, 3, 40, 55));
  unreported.add(loss_of(LossReason::kExpired, 1, 70, 70));
  unreported.add(Notice{Notice::Kind::kClock, {}, 1, 1000, 400, -600});
  unreported.add(Notice{Notice::Kind::kClock, {}, 1, 500, 700, 200});
  unreported.add(Notice{Notice::Kind::kStats, {}, 1, 0, 0, 0});  // nothing to report again
  const auto& losses = unreported.losses();
  const Notice& refused = losses[static_cast<std::size_t>(LossReason::kRefused)];
  EXPECT_EQ(refused.count, 5U);
  EXPECT_EQ(refused.first_ns, 40);
  EXPECT_EQ(refused.last_ns, 60);
  EXPECT_EQ(losses[static_cast<std::size_t>(LossReason::kExpired)].count, 1U);
  EXPECT_EQ(unreported.jumps().count, 2U);
  EXPECT_EQ(unreported.jumps().first_ns, 1000);
  EXPECT_EQ(unreported.jumps().last_ns, 700);
  EXPECT_EQ(unreported.jumps().shift_ns, -400);
}

TEST(UnreportedLosses, CostsADeadDestinationFewMessagesAndIsSaidAtTheClose) {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  parts.threads = Engine::Threads::kNone;
  Engine engine(std::move(parts));
  const auto dead = std::make_shared<Capture>();
  dead->script(std::vector(10'000, refused()));
  Client client = engine.open(std::make_unique<CaptureSender>(dead), {.logger = "shop"}).value();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    METLOG_INFO(client, "{}", i);
    engine.step();
  }
  const auto waits = (std::chrono::steady_clock::now() - begin) / UnreportedLosses::kFirstWait;
  EXPECT_LE(dead->send_calls(), 1000U + 2 + static_cast<std::size_t>(waits));
  EXPECT_EQ(client.stats().lost.total(), 1000U);
  EXPECT_EQ(client.stats().unexplained(), 0);
  const CapturedStderr said;
  { const Client ending = std::move(client); }
  EXPECT_THAT(said.text(), HasSubstr("on its destruction the client 'shop' of capture:"));
  EXPECT_THAT(said.text(), HasSubstr("lost 1000 of its 1000 messages: no_receiver 1000;"));
}

TEST(UnreportedLosses, SaysNothingAtTheCloseOfWhatWasTold) {
  const CapturedStderr said;
  {
    TestEngine test;
    test.capture().script({refused()});
    METLOG_INFO(test.log(), "lost");
  }
  EXPECT_EQ(said.text(), "");
}

TEST(UnreportedLosses, SaysTheTotalsOfTheClient) {
  TestEngine test({.engine = {.ring_bytes = 4096, .session_directory = "none"}});
  test.capture().script({Capture::lost(LossReason::kRefused, 50)});
  for (int i = 0; i < 60; ++i) METLOG_INFO(test.log(), "{}", i);  // 55 fit
  test.settle();
  METLOG_INFO(test.log(), "room again");
  std::vector<std::string> losses = test.settle();
  std::erase_if(losses, [](const std::string& message) { return !is_loss(message); });
  EXPECT_THAT(told_by(losses), UnorderedElementsAre("refused 5 of 10", "ring_full 5 of 10"));
  const std::string& last = losses.back();
  EXPECT_EQ(field_of(last, "total"), "10");
  EXPECT_EQ(field_of(last, "total_refused"), "5");
  EXPECT_EQ(field_of(last, "total_ring_full"), "5");
  EXPECT_EQ(field_of(last, "total_expired"), "(absent)");
  EXPECT_THAT(field_of(last, "client"), Not("(absent)"));
  EXPECT_THAT(field_of(last, "session"), SizeIs(34));
}

TEST(UnreportedLosses, FollowsTheClientToItsNextDestination) {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  parts.threads = Engine::Threads::kNone;
  Engine engine(std::move(parts));
  const auto dead = std::make_shared<Capture>();
  const auto alive = std::make_shared<Capture>();
  dead->script(std::vector(100, refused()));
  Client client = engine.open(std::make_unique<CaptureSender>(dead)).value();
  for (int i = 0; i < 3; ++i) METLOG_INFO(client, "{}", i);
  step_until_quiet(engine);
  METLOG_INFO(client, "lost while it is stopped");
  ASSERT_TRUE(reconfigure(client, std::make_unique<CaptureSender>(alive)).ok());
  METLOG_INFO(client, "arrives");
  EXPECT_EQ(client.close(60s).lost, 4U);
  std::uint64_t reported = 0;
  for (const std::string& message : alive->messages())
    reported += is_loss(message) ? loss_count(message) : 0;
  EXPECT_EQ(reported, 4U);
  EXPECT_EQ(client.stats().unexplained(), 0);
}

TEST(UnreportedLosses, OfThreadsWithoutARingIsToldAtOnce) {
  TestEngine test({.engine = {.ring_bytes = 4096,
                              .max_ring_bytes = 4096 + 4096,
                              .spare_rings = 1,
                              .session_directory = "none"}});
  METLOG_INFO(test.log(), "1");
  std::thread([&] {
    for (int i = 0; i < 10; ++i) METLOG_INFO(test.log(), "{}", i);
  }).join();
  EXPECT_THAT(told_by(test.settle()), ElementsAre("1", "no_ring 10 of 10"));
}

// Two connections, of which the first is dead: the losses there are reported over the other one.
TEST(UnreportedLosses, IsToldOverAnotherConnectionOfThePool) {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  parts.threads = Engine::Threads::kNone;
  Engine engine(std::move(parts));
  std::vector<std::shared_ptr<Capture>> captures;
  const auto connect = [&captures]() -> absl::StatusOr<std::unique_ptr<Sender>> {
    captures.push_back(std::make_shared<Capture>());
    return std::make_unique<CaptureSender>(captures.back());
  };
  Client client = engine.open(connect, {.pool_size = 2}).value();
  captures[0]->script(std::vector(1000, refused()));
  for (int thread = 0; thread < 2; ++thread) {
    std::thread([&] { METLOG_INFO(client, "one"); }).join();
  }
  // Time passes, or a message gets through: the next notice goes over the other connection.
  while (captures[1]->messages().size() < 2) engine.step();
  EXPECT_EQ(client.close(60s).lost, 1U);
  EXPECT_THAT(told_by(captures[1]->messages()), ElementsAre("one", "no_receiver 1 of 1"));
  EXPECT_THAT(captures[0]->messages(), IsEmpty());
}

}  // namespace
}  // namespace metlog
