// CURVE: the files with the keys, and connections that use them.

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <string>

#include "senders/zmq/curve_keys.h"
#include "senders/zmq/zmq_sender.h"
#include "tests/senders/relay.h"
#include "tests/senders/subscriber.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"

namespace metlog {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kAnyPort[] = "tcp://127.0.0.1:*";

/// A pair in files, `NAME.key` and `NAME.pub`.
CurveKeyPair keys_in(const std::string& stem) {
  const absl::StatusOr<CurveKeyPair> keys = make_curve_keys();
  EXPECT_TRUE(keys.ok()) << keys.status();
  const absl::Status written = write_curve_keys(stem, *keys);
  EXPECT_TRUE(written.ok()) << written;
  return *keys;
}

void write_file(const std::string& path, const std::string& text, mode_t mode) {
  std::ofstream(path) << text;
  ::chmod(path.c_str(), mode);
}

class ZmqCurve : public testing::Test {
 protected:
  void SetUp() override {
    if (!check_has_curve().ok()) GTEST_SKIP() << check_has_curve();
  }

  const TempDir dir_;
};

TEST_F(ZmqCurve, ReadsBackTheKeysThatItWrote) {
  const CurveKeyPair keys = keys_in(dir_.file("router"));
  struct stat about {};
  ASSERT_EQ(::stat(dir_.file("router.key").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
  EXPECT_EQ(read_curve_public_key(dir_.file("router.pub")).value(), keys.public_key);
  const CurveKeyPair read = read_curve_secret_key(dir_.file("router.key")).value();
  EXPECT_EQ(read.secret_key, keys.secret_key);
  EXPECT_EQ(read.public_key, keys.public_key);
}

TEST_F(ZmqCurve, OverwritesNoKeys) {
  const CurveKeyPair first = keys_in(dir_.file("router"));
  const absl::Status again = write_curve_keys(dir_.file("router"), make_curve_keys().value());
  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists) << again;
  EXPECT_THAT(again.message(), HasSubstr("router.key"));
  EXPECT_EQ(read_curve_secret_key(dir_.file("router.key"))->secret_key, first.secret_key);

  write_file(dir_.file("half.pub"), "mine", 0644);
  EXPECT_FALSE(write_curve_keys(dir_.file("half"), first).ok());
  EXPECT_FALSE(read_curve_secret_key(dir_.file("half.key")).ok()) << "nothing is left half written";
}

TEST_F(ZmqCurve, ReadsCertificatesOfCzmq) {
  const CurveKeyPair keys = make_curve_keys().value();
  const std::string text = "#   ZeroMQ CURVE certificate\ncurve\n    public-key = \"" +
                           keys.public_key + "\"\n    secret-key = \"" + keys.secret_key + "\"\n";
  write_file(dir_.file("cert"), text, 0600);
  EXPECT_EQ(read_curve_public_key(dir_.file("cert")).value(), keys.public_key);
  EXPECT_EQ(read_curve_secret_key(dir_.file("cert"))->secret_key, keys.secret_key);
}

TEST_F(ZmqCurve, RefusesASecretKeyThatOthersCanRead) {
  const CurveKeyPair keys = make_curve_keys().value();
  write_file(dir_.file("open.key"), keys.secret_key, 0640);
  const absl::Status refused = read_curve_secret_key(dir_.file("open.key")).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied) << refused;
  EXPECT_THAT(refused.message(), HasSubstr("mode 640"));
  EXPECT_THAT(refused.message(), Not(HasSubstr(keys.secret_key)));
}

TEST_F(ZmqCurve, NamesTheFileThatIsNoKey) {
  for (const char* text :
       {"", "short", "0123456789012345678901234567890123456789012345678901",
        "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""}) {
    write_file(dir_.file("wrong"), text, 0600);
    for (const absl::Status& wrong : {read_curve_public_key(dir_.file("wrong")).status(),
                                      read_curve_secret_key(dir_.file("wrong")).status()}) {
      EXPECT_EQ(wrong.code(), absl::StatusCode::kInvalidArgument) << text << wrong;
      EXPECT_THAT(wrong.message(), HasSubstr(dir_.file("wrong")));
    }
  }
  const absl::Status absent =
      ZmqSender::open(*parse_url("tcp://127.0.0.1:1?curve_server_key=" + dir_.file("absent")))
          .status();
  EXPECT_EQ(absent.code(), absl::StatusCode::kNotFound) << absent;
  EXPECT_THAT(absent.message(), HasSubstr("metlog keygen"));
  const absl::Status alone = ZmqSender::open(*parse_url("tcp://127.0.0.1:1?curve_key=x")).status();
  EXPECT_THAT(alone.message(), HasSubstr("curve_server_key=FILE"));
}

TEST_F(ZmqCurve, DeliversEncryptedToThePeerWithTheKey) {
  const CurveKeyPair router = keys_in(dir_.file("router"));
  keys_in(dir_.file("client"));
  Subscriber subscriber(kAnyPort, router.secret_key);
  Relay relay(subscriber.endpoint());
  const std::string url =
      relay.endpoint() + "?hold_ms=3600000&curve_server_key=" + dir_.file("router.pub");
  for (const std::string& own : {std::string(), "&curve_key=" + dir_.file("client.key")}) {
    auto sender = ZmqSender::open(*parse_url(url + own));
    ASSERT_TRUE(sender.ok()) << sender.status();
    Batch batch = batch_of({"for nobody else"});
    EXPECT_EQ(send_until_settled(**sender, batch, [&] { subscriber.attend(); }), SendResult::kSent);
    EXPECT_THAT(receive(subscriber, 1), testing::ElementsAre("for nobody else"));
    expect_all_accounted_for(batch);
  }
  EXPECT_THAT(relay.seen(), HasSubstr("CURVE"));
  EXPECT_THAT(relay.seen(), Not(HasSubstr("for nobody else")));
}

TEST_F(ZmqCurve, SendsNothingToAPeerWithAnotherKeyOrWithout) {
  const CurveKeyPair router = keys_in(dir_.file("router"));
  keys_in(dir_.file("other"));
  Subscriber with_key(kAnyPort, router.secret_key);
  Subscriber without(kAnyPort);
  const std::string wrong_key = "?hold_ms=300&curve_server_key=" + dir_.file("other.pub");
  for (const std::string& url : {with_key.endpoint() + wrong_key, without.endpoint() + wrong_key,
                                 with_key.endpoint() + "?hold_ms=300"}) {
    auto sender = ZmqSender::open(*parse_url(url));
    ASSERT_TRUE(sender.ok()) << sender.status();
    Batch batch = batch_of({"secret"});
    const auto attend = [&] {
      with_key.attend();
      without.attend();
    };
    EXPECT_EQ(send_until_settled(**sender, batch, attend), SendResult::kLost) << url;
    EXPECT_EQ(batch.lost()[LossReason::kNoReceiver], 1U);
    EXPECT_EQ((*sender)->connections().connected, 0U);
    EXPECT_GE((*sender)->connections().refused + (*sender)->connections().failed, 1U) << url;
    expect_all_accounted_for(batch);
  }
}

}  // namespace
}  // namespace metlog
