// A stream of the program's own as a destination.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "metlog/make_sender.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::HasSubstr;

std::string payload_text(const Message& message, std::string_view) {
  const std::string* const text = message.payload().as_text();
  return text != nullptr ? *text : "?";
}

/// Notes what it is asked to do.
class NotingBuffer final : public std::stringbuf {
 public:
  std::string noted;

 protected:
  std::streamsize xsputn(const char* text, std::streamsize count) override {
    if (count != 0) noted += "write ";
    return is_closed ? 0 : std::stringbuf::xsputn(text, count);
  }
  int sync() override {
    noted += "flush ";
    return 0;
  }

 public:
  bool is_closed = false;
};

TEST(StreamSender, WritesAndFlushesOnceARound) {
  TestEngine test;
  NotingBuffer buffer;
  std::ostream stream(&buffer);
  Client client = *test.engine().open(make_stream_sender(stream), {.format = payload_text});
  client.info("one");
  step_until_quiet(test.engine());
  client.info("two");
  client.info("three");
  step_until_quiet(test.engine());
  EXPECT_EQ(buffer.noted, "write flush write flush ");
  EXPECT_EQ(buffer.str(), "one\ntwo\nthree\n");
  EXPECT_EQ(client.close(std::chrono::seconds(10)).handover, Handover::kLibrary);
  EXPECT_EQ(client.stats().unexplained(), 0);
}

// The engine has no thread here: the stream is written in the program's own thread.
TEST(StreamSender, RaisesNoSignalWhereTheStreamsFileReachesTheLimit) {
  const TempDir dir;
  TestEngine test;
  std::ofstream stream(dir.file("out"));
  Client client = *test.engine().open(make_stream_sender(stream), {.format = payload_text});
  const FileSizeLimit limit(10);
  client.info("ten bytes and more");
  step_until_quiet(test.engine());
  EXPECT_FALSE(stream.good());
  EXPECT_EQ(client.stats().lost[LossReason::kRefused], 1U);
  EXPECT_EQ(client.stats().unexplained(), 0);
}

TEST(StreamSender, LosesWhatTheStreamRefusesAndTriesTheNext) {
  TestEngine test;
  NotingBuffer buffer;
  std::ostream stream(&buffer);
  Client client = *test.engine().open(make_stream_sender(stream), {.format = payload_text});
  for (const bool throws : {false, true}) {
    if (throws) stream.exceptions(std::ios::badbit);
    buffer.is_closed = true;
    client.info("lost");
    // One round: the loss is reported in the next, which would find the stream closed again.
    test.engine().step();
    buffer.is_closed = false;
    client.info("sent");
    step_until_quiet(test.engine());
  }
  EXPECT_THAT(buffer.str(), HasSubstr("sent\n"));
  const Receipt receipt = client.close(std::chrono::seconds(10));
  EXPECT_EQ(receipt.sent, 2U);
  EXPECT_EQ(receipt.lost, 2U);
  EXPECT_EQ(client.stats().unexplained(), 0);
}

}  // namespace
}  // namespace metlog
