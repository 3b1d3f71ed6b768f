// What a ZmqSender writes to standard error when its URL asks for it.

#include <gmock/gmock.h>

#include <memory>

#include "senders/sender/stderr_tee.h"
#include "senders/zmq/zmq_sender.h"
#include "tests/senders/captured_stderr.h"
#include "tests/senders/subscriber.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

std::unique_ptr<Sender> open_zmq(const std::string& url) {
  auto sender = ZmqSender::open(*parse_url(url));
  EXPECT_TRUE(sender.ok()) << sender.status();
  return sender.ok() ? *std::move(sender) : nullptr;
}

TEST(ZmqStderr, ShowsEveryMessageOnceBeforeItIsSent) {
  Subscriber subscriber("tcp://127.0.0.1:*");
  const auto sender = open_zmq(subscriber.endpoint() + "?debug_stderr=1&hold_ms=3600000");
  Batch batch = batch_of({"a", "b"});
  const CapturedStderr captured;
  EXPECT_EQ(sender->send(batch), SendResult::kBusy) << "nobody listens yet";
  EXPECT_EQ(captured.text(), "a\nb\n");
  EXPECT_EQ(send_until_settled(*sender, batch, [&] { subscriber.attend(); }), SendResult::kSent);
  Batch next = batch_of({"c"});
  next.first_sequence = 2;
  EXPECT_EQ(sender->send(next), SendResult::kSent);
  EXPECT_EQ(captured.text(), "a\nb\nc\n");
  expect_all_accounted_for(batch);
  expect_all_accounted_for(next);
}

TEST(ZmqStderr, ShowsWhatWasNotSent) {
  const TempDir dir;
  const auto sender =
      open_zmq("ipc://" + dir.file("absent") + "?unsent_stderr=1&hold_ms=0&debug_stderr=1");
  Batch batch = batch_of({"a"});
  char* const at = batch.reserve(1);
  *at = 'l';
  batch.commit(at + 1, Batch::Origin::kEngine);
  const CapturedStderr captured;
  EXPECT_EQ(sender->send(batch), SendResult::kLost);
  EXPECT_EQ(captured.text(), "a\nl\na\n") << "of the engine's messages the ledger knows";
  EXPECT_EQ(batch.lost()[LossReason::kNoReceiver], 1U);
  expect_all_accounted_for(batch);
}

TEST(ZmqStderr, IsQuietByDefault) {
  const TempDir dir;
  const auto sender = open_zmq("ipc://" + dir.file("absent") + "?hold_ms=0");
  Batch batch = batch_of({"a"});
  const CapturedStderr captured;
  EXPECT_EQ(sender->send(batch), SendResult::kLost);
  EXPECT_EQ(captured.text(), "");
  expect_all_accounted_for(batch);
}

TEST(StderrTee, DoesNotWaitForAReader) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  StderrTee echo(writer.get());
  echo.show_new(batch_of(numbered_messages(10, 60'000)));  // a pipe holds 64 KiB
}

}  // namespace
}  // namespace metlog
