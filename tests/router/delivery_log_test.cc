#include "tools/router/output/delivery_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "metlog/make_sender.h"
#include "senders/sender/capture_sender.h"
#include "tests/router/envelope.h"
#include "tests/router/received.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"
#include "tools/router/output/message_encoder.h"
#include "tools/router/output/output.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

class DeadLetterTest : public testing::Test {
 protected:
  DeliveryLog make(std::uint64_t max_bytes = 1'000'000) {
    return DeliveryLog("out", {.path = path_, .max_bytes = max_bytes});
  }

  TempDir directory_;
  const std::string path_ = directory_.file("dead.jsonl");
};

TEST_F(DeadLetterTest, TellsTimeOutputReasonAttemptsAndMessage) {
  DeliveryLog log = make();
  Batch batch = batch_of({R"({"n":1})", R"({"n":2})", R"({"n":3})"});
  log.explain({.batch = batch.number,
               .messages = {1},
               .attempts = 4,
               .was_sent_unanswered = true,
               .detail = "HTTP 400: \"no\""});
  batch.take_at(0);
  batch.lose_at(1, LossReason::kRefused);
  batch.lose_at(2, LossReason::kExpired);
  log.write_lost(batch, true);

  const std::vector<std::string> lines = lines_of(path_);
  ASSERT_EQ(lines.size(), 2U);
  simdjson::dom::parser parser;
  const simdjson::dom::element first = parser.parse(lines[0]);
  EXPECT_THAT(std::string(std::string_view(first["time"])), testing::EndsWith("Z"));
  EXPECT_EQ(std::string_view(first["output"]), "out");
  EXPECT_EQ(std::string_view(first["reason"]), "refused");
  EXPECT_EQ(std::uint64_t(first["attempts"]), 4U);
  EXPECT_EQ(bool(first["unanswered"]), true);
  EXPECT_EQ(std::string_view(first["detail"]), "HTTP 400: \"no\"");
  EXPECT_EQ(std::uint64_t(first["message"]["n"]), 2U);
  const simdjson::dom::element second = parser.parse(lines[1]);
  EXPECT_EQ(std::string_view(second["reason"]), "expired");
  EXPECT_EQ(std::uint64_t(second["attempts"]), 0U);
  EXPECT_TRUE(second["detail"].error());
  EXPECT_EQ(log.counts().dead_lettered, 2U);
  EXPECT_EQ(log.counts().unanswered, 1U);
}

TEST_F(DeadLetterTest, KeepsWhatIsNoJsonAsText) {
  DeliveryLog log = make();
  Batch batch = batch_of({"a:1|c \"\x01"});
  batch.lose_at(0, LossReason::kTooLong);
  log.write_lost(batch, false);
  EXPECT_THAT(lines_of(path_), ElementsAre(HasSubstr(R"("text":"a:1|c \"\u0001"})")));
}

TEST_F(DeadLetterTest, WritesNothingWhenAllWasSent) {
  DeliveryLog log = make();
  Batch batch = batch_of({"{}"});
  batch.take_at(0);
  log.write_lost(batch, true);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(DeadLetterTest, TakesNoMoreWhenItIsFullAndCountsThat) {
  DeliveryLog log = make(300);
  for (int i = 0; i < 5; ++i) {
    Batch batch = batch_of({R"({"payload":"some text of some length"})"});
    batch.lose_at(0, LossReason::kRefused);
    log.write_lost(batch, true);
  }
  EXPECT_EQ(lines_of(path_).size(), 2U);
  EXPECT_LE(std::filesystem::file_size(path_), 300U);
  EXPECT_EQ(log.counts().dead_lettered, 2U);
  EXPECT_EQ(log.counts().dead_letters_failed, 3U);
}

TEST_F(DeadLetterTest, BeginsAnewWhenTheFileWasMovedAway) {
  DeliveryLog log = make();
  for (int i = 0; i < 2; ++i) {
    Batch batch = batch_of({"{}"});
    batch.lose_at(0, LossReason::kRefused);
    log.write_lost(batch, true);
    std::filesystem::rename(path_, directory_.file(std::to_string(i)));
  }
  EXPECT_EQ(lines_of(directory_.file("0")).size(), 1U);
  EXPECT_EQ(lines_of(directory_.file("1")).size(), 1U);
}

TEST_F(DeadLetterTest, CountsWhatAFileThatIsNoneCannotTake) {
  const std::string pipe = directory_.file("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path :
       {pipe, directory_.file("none/dead.jsonl"), std::string("/dev/full")}) {
    DeliveryLog log("out", {.path = path});
    Batch batch = batch_of({"{}"});
    batch.lose_at(0, LossReason::kRefused);
    log.write_lost(batch, true);
    EXPECT_EQ(log.counts().dead_letters_failed, 1U) << path;
    EXPECT_EQ(log.counts().dead_lettered, 0U) << path;
  }
}

class DeliveryTest : public DeadLetterTest {
 protected:
  void make_output(std::unique_ptr<MessageEncoder> encoder, const DeliverySettings& settings) {
    Output::Options options;
    static_cast<DeliverySettings&>(options) = settings;
    options.queue = {.batch_bytes = 1, .batch_count = 2};
    output_ = std::make_unique<Output>(std::move(encoder),
                                       std::make_unique<CaptureSender>(capture_), options);
  }
  void take(const std::string& payload) {
    received_.begin_block();
    ASSERT_TRUE(received_.add(
        envelope({{"payload", payload}, {"type", "\"counter\""}, {"fields", R"({"name":"n"})"}}),
        *output_));
    EXPECT_TRUE(output_->take(received_.slice()));
  }
  OutputLedger close(std::chrono::seconds limit = std::chrono::seconds(30)) {
    output_->begin_close(limit);
    output_->end_close();
    const OutputLedger ledger = output_->ledger();
    EXPECT_EQ(ledger.pending, 0U);
    EXPECT_EQ(ledger.routed, ledger.written + ledger.lost.total());
    return ledger;
  }

  std::shared_ptr<Capture> capture_ = std::make_shared<Capture>();
  std::unique_ptr<Output> output_;
  Received received_;
};

TEST_F(DeliveryTest, LosesTheOldestWhenThatIsItsPolicy) {
  make_output(std::make_unique<StatsdEncoder>(),
              {.on_full = OnFull::kDropOldest, .queue_bytes = 2 * received_.block_bytes()});
  for (int i = 0; i < 5; ++i) take(std::to_string(i));
  EXPECT_FALSE(output_->backpressures_inputs({}));
  EXPECT_EQ(output_->ledger().pending, 2U);
  const OutputLedger ledger = close();
  EXPECT_EQ(ledger.lost[LossReason::kQueueFull], 3U);
  EXPECT_THAT(capture_->messages(), ElementsAre("n:3.0|c", "n:4.0|c"));
}

TEST_F(DeliveryTest, KeepsAMessageThatHasNoFormAndGoesOn) {
  make_output(std::make_unique<StatsdEncoder>(), {.dead_letters = {.path = path_}});
  take("1");
  take("\"inf\"");
  take("2");
  const OutputLedger ledger = close();
  EXPECT_EQ(ledger.written, 2U);
  EXPECT_EQ(ledger.acknowledged, 2U);  // the capture is the receiver
  EXPECT_EQ(ledger.lost[LossReason::kFormatterFailed], 1U);
  EXPECT_EQ(ledger.delivery.dead_lettered, 1U);
  EXPECT_THAT(lines_of(path_), ElementsAre(testing::AllOf(HasSubstr("formatter_failed"),
                                                          HasSubstr(R"("payload":"inf")"))));
}

TEST_F(DeliveryTest, HasNothingAcknowledgedWhereNobodyAnswers) {
  output_ = std::make_unique<Output>(std::make_unique<JsonLinesEncoder>(),
                                     *make_sender("file:" + directory_.file("out.jsonl")),
                                     Output::Options());
  take("1");
  const OutputLedger ledger = close();
  EXPECT_EQ(ledger.written, 1U);
  EXPECT_EQ(ledger.acknowledged, 0U);
}

TEST_F(DeliveryTest, KeepsWhatTheSenderLoses) {
  make_output(std::make_unique<JsonLinesEncoder>(), {.dead_letters = {.path = path_}, .name = "N"});
  capture_->script({Capture::lost(LossReason::kNoReceiver)});
  take("1");
  take("2");
  EXPECT_EQ(close().delivery.dead_lettered, 1U);
  EXPECT_THAT(lines_of(path_),
              ElementsAre(testing::AllOf(HasSubstr(R"("output":"N","reason":"no_receiver")"),
                                         HasSubstr(R"("payload":1)"))));
}

// One is in the sender's hands, one is encoded, two wait.
TEST_F(DeliveryTest, KeepsWhatIsNotSentByTheEnd) {
  make_output(std::make_unique<JsonLinesEncoder>(), {.dead_letters = {.path = path_}});
  capture_->script(std::vector(100, Capture::busy()));
  take("0");
  take("1");
  output_->step();
  take("2");
  take("3");
  const OutputLedger ledger = close(std::chrono::seconds(0));
  EXPECT_EQ(ledger.lost[LossReason::kExpired], 4U);
  EXPECT_EQ(ledger.delivery.dead_lettered, 4U);
  EXPECT_EQ(lines_of(path_).size(), 4U);
}

TEST_F(DeliveryTest, KeepsNothingWithoutAFile) {
  make_output(std::make_unique<JsonLinesEncoder>(), {});
  capture_->script({Capture::lost(LossReason::kNoReceiver)});
  take("1");
  const OutputLedger ledger = close();
  EXPECT_EQ(ledger.delivery.dead_lettered + ledger.delivery.dead_letters_failed, 0U);
  EXPECT_EQ(ledger.lost.total(), 1U);
}

}  // namespace
}  // namespace metlog
