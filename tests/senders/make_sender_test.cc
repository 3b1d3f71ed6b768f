#include "metlog/make_sender.h"

#include <gmock/gmock.h>

#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string error_of(const std::string& name) {
  const auto sender = make_sender(name);
  EXPECT_EQ(sender.status().code(), absl::StatusCode::kInvalidArgument) << name;
  return std::string(sender.status().message());
}

TEST(MakeSender, MakesOneForEachScheme) {
  const TempDir dir;
  for (const std::string& name :
       {std::string("null:"), std::string("stdout:"), std::string("stderr:"),
        "file://" + dir.file("a"), "file:" + dir.file("b") + "?truncate=1&hold_ms=0",
        std::string("udp://127.0.0.1:9"), std::string("tcp://127.0.0.1:9"),
        "ipc://" + dir.file("c"), std::string("zmq+tcp://127.0.0.1:9?hwm=5"),
        "zmq+ipc://" + dir.file("d")}) {
    const auto sender = make_sender(name);
    ASSERT_TRUE(sender.ok()) << name << ": " << sender.status();
    EXPECT_EQ((*sender)->url(), name);
  }
}

TEST(MakeSender, KnowsTheReferencesClassNames) {
  for (const char* name : {"metlog.senders.dev.StdOutSender", "metlog.senders.dev.StdoutSender",
                           "metlog.senders.dev:StdOutSender", "metlog:senders:StdOutSender"}) {
    const auto sender = make_sender(name);
    ASSERT_TRUE(sender.ok()) << name << ": " << sender.status();
    EXPECT_EQ((*sender)->url(), "stdout:");
  }
}

TEST(MakeSender, NamesTheUrlForAClassThatNeedsArguments) {
  EXPECT_THAT(error_of("metlog.senders.UdpSender"), HasSubstr("udp://host:port"));
  EXPECT_THAT(error_of("metlog.senders.zmq.ZmqPubSender"), HasSubstr("tcp://host:port"));
  EXPECT_THAT(error_of("metlog.senders.NoSendSender"), HasSubstr("unknown sender class"));
}

TEST(MakeSender, ListsTheSchemesForAnUnknownOne) {
  EXPECT_THAT(
      error_of("kafka://x:1"),
      AllOf(HasSubstr("unknown scheme 'kafka' in 'kafka://x:1'"),
            HasSubstr("file:, ipc:, journald:, nosend:, null:, statsd:, stderr:, stdout:, syslog:, "
                      "syslog+tcp:, tcp:, "
                      "udp:, zmq+ipc:, zmq+tcp:")));
  EXPECT_THAT(error_of("capture:"), HasSubstr("unknown scheme"));
}

TEST(MakeSender, RefusesWhatAPlainSchemeCannotTake) {
  EXPECT_THAT(error_of("null:x"), HasSubstr("write null:"));
  EXPECT_THAT(error_of("stdout:?a=1"), HasSubstr("stdout: takes none"));
  EXPECT_THAT(error_of(""), HasSubstr("has no scheme"));
}

TEST(MakeSender, MakesSendersThatSend) {
  const TempDir dir;
  const auto sender = make_sender("file:" + dir.file("log"));
  ASSERT_TRUE(sender.ok()) << sender.status();
  Batch batch = batch_of({"a"});
  EXPECT_EQ((*sender)->send(batch), SendResult::kSent);
  EXPECT_EQ(content_of(dir.file("log")), "a\n");
  expect_all_accounted_for(batch);
}

}  // namespace
}  // namespace metlog
