#include "tools/metlogd/build_router.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/router/envelope.h"
#include "tests/router/peers.h"
#include "tools/metlogd/configuration.h"
#include "tools/router/config/router_plan.h"

namespace metlog {
namespace {

using testing::HasSubstr;

Options quiet_options() {
  Options options;
  options.zmq = {"none"};
  options.udp = {"127.0.0.1:0"};
  options.handshake = {"none"};
  options.out = {"none"};
  return options;
}

/// The router that a command line asks for, as metlogd makes it.
class Built {
 public:
  explicit Built(const Options& options) {
    ConfigErrors errors;
    const RouterPlan plan = read_plan(read_configuration(options, errors), errors);
    for (const std::string& error : errors.errors()) error_ += error;
    if (!errors.empty()) return;
    auto planned = PlannedRouter::open(plan);
    if (planned.ok()) {
      planned_ = *std::move(planned);
    } else {
      error_ = std::string(planned.status().message());
    }
  }
  [[nodiscard]] bool ok() const { return planned_ != nullptr; }
  [[nodiscard]] const std::string& status() const { return error_; }
  Router* operator->() const { return &planned_->router(); }

 private:
  std::unique_ptr<PlannedRouter> planned_;
  std::string error_;
};

std::string refusal(const Options& options) {
  const Built built(options);
  EXPECT_FALSE(built.ok());
  return built.status();
}

TEST(BuildRouter, WritesToTheFileThatWasNamed) {
  // Characters that mean something in a URL mean nothing in a file's name.
  const std::string path = testing::TempDir() + "metlogd 100%25?#." + std::to_string(getpid());
  std::remove(path.c_str());
  Options options = quiet_options();
  options.out = {path};
  const Built router(options);
  ASSERT_TRUE(router.ok()) << router.status();
  UdpPeer(router->inputs()[0]->endpoint()).send(envelope());
  router->close(std::chrono::seconds(30));
  EXPECT_EQ(router->ledger().unexplained(), 0U);
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(text, envelope() + "\n");
  std::remove(path.c_str());
}

/// What became of more messages than fit into a pipe that nobody reads, and into its queue.
class StalledPipe {
 public:
  explicit StalledPipe(const std::string& name)
      : path_(testing::TempDir() + name + std::to_string(getpid())) {
    mkfifo(path_.c_str(), 0600);
    reader_ = open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  }
  ~StalledPipe() {
    ::close(reader_);
    std::remove(path_.c_str());
  }
  StalledPipe(const StalledPipe&) = delete;
  StalledPipe& operator=(const StalledPipe&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

  /// Sends until the inputs are held or a message was lost because the queue was full; the latter
  /// is true.
  static bool loses(Options options) {
    options.queue_bytes = 1024 * 1024;
    const Built router(options);
    EXPECT_TRUE(router.ok()) << router.status();
    EXPECT_TRUE(router->start().ok());
    const UdpPeer peer(router->inputs()[0]->endpoint());
    const std::string text = envelope({{"payload", '"' + std::string(20'000, 'x') + '"'}});
    bool is_held = false;
    std::uint64_t lost = 0;
    for (int i = 0; i < 1'000 && !is_held && lost == 0; ++i) {
      peer.send(text);
      is_held = !router->step(std::chrono::seconds(5));
      for (const OutputLedger& output : router->ledger().outputs) {
        lost += output.lost[LossReason::kQueueFull];
      }
    }
    EXPECT_NE(is_held, lost > 0);
    router->close(std::chrono::milliseconds(100));
    EXPECT_EQ(router->ledger().unexplained(), 0U);
    return lost > 0;
  }

 private:
  const std::string path_;
  int reader_;
};

TEST(BuildRouter, LetsOnlyAnOutputHoldTheInputsThatIsAloneOrMustNotLose) {
  const StalledPipe pipe("stalled_pipe");
  Options options = quiet_options();
  options.out = {pipe.path()};
  EXPECT_FALSE(StalledPipe::loses(options));
  options.out = {pipe.path(), "null:"};
  EXPECT_TRUE(StalledPipe::loses(options));
  options.out = {"null:"};
  options.out_block = {pipe.path()};
  EXPECT_FALSE(StalledPipe::loses(options));
}

TEST(BuildRouter, RefusesMoreOutputsThanThereAreBits) {
  Options options = quiet_options();
  options.out.assign(64, "null:");
  EXPECT_TRUE(Built(options).ok());
  options.out_block = {"null:"};
  EXPECT_THAT(refusal(options), HasSubstr("there are 65 outputs; 64 are possible"));
}

TEST(BuildRouter, NamesAPathThatCannotBeWritten) {
  Options options = quiet_options();
  options.out = {"/nonexistent/directory/x.jsonl"};
  EXPECT_THAT(refusal(options), HasSubstr("--out /nonexistent/directory/x.jsonl: "));
}

TEST(BuildRouter, NamesASchemeThatItDoesNotKnow) {
  Options options = quiet_options();
  options.statsd = "gopher://127.0.0.1:70";
  EXPECT_THAT(refusal(options), HasSubstr("--statsd gopher://127.0.0.1:70: "));
  options.statsd = "udp://127.0.0.1:8125?b%61tch=";
  EXPECT_THAT(refusal(options), HasSubstr("hold JSON")) << "statsd's lines are none";
}

TEST(BuildRouter, WantsSomethingToListenOn) {
  Options options = quiet_options();
  options.udp = {"none"};
  EXPECT_THAT(refusal(options), HasSubstr("nothing is left to listen on"));
}

TEST(BuildRouter, AnswersHandshakesBesideItsInputsOnThisMachineOnly) {
  Options options = quiet_options();
  options.handshake = {"tcp://127.0.0.1:*"};
  const Built router(options);
  ASSERT_TRUE(router.ok()) << router.status();
  EXPECT_THAT(router->inputs().back()->endpoint(),
              testing::StartsWith("handshake+tcp://127.0.0.1:"));
  options.handshake = {"tcp://0.0.0.0:*"};
  EXPECT_THAT(refusal(options), testing::StartsWith("--handshake: tcp://0.0.0.0:*: refused"));
  options.udp = {"none"};
  EXPECT_THAT(refusal(options), HasSubstr("nothing is left to listen on"));
}

TEST(BuildRouter, RefusesRemoteAddressesUnlessTold) {
  Options options = quiet_options();
  options.udp = {"0.0.0.0:0"};
  EXPECT_THAT(refusal(options), HasSubstr("--allow-remote"));
  options.allow_remote = true;
  EXPECT_TRUE(Built(options).ok());
}

TEST(BuildRouter, SendsMetricsToStatsd) {
  const Built statsd(quiet_options());
  ASSERT_TRUE(statsd.ok());
  Options options = quiet_options();
  options.statsd = statsd->inputs()[0]->endpoint();
  const Built router(options);
  ASSERT_TRUE(router.ok()) << router.status();
  const UdpPeer peer(router->inputs()[0]->endpoint());
  peer.send(envelope());
  peer.send(envelope({{"type", "\"timer\""}}));
  router->close(std::chrono::seconds(30));
  const OutputLedger ledger = router->ledger().outputs[0];
  EXPECT_EQ(ledger.not_matched, 1U);
  EXPECT_EQ(ledger.written, 1U);
  statsd->step(std::chrono::milliseconds(0));
  EXPECT_EQ(statsd->frame_count(), 1U);
}

TEST(BuildRouter, WantsOneExpressionForAllOutputsOrOneForEach) {
  Options options = quiet_options();
  options.out = {"null:", "null:", "none"};
  options.match = {"Type == 'a'"};
  EXPECT_TRUE(Built(options).ok());
  options.match = {"TRUE", "Severity <= 3", "TRUE"};
  EXPECT_TRUE(Built(options).ok());
  options.match = {"TRUE", "TRUE"};
  EXPECT_EQ(refusal(options),
            "--match: there are 2 of them, and 3 outputs (--out, --out-block); give one for all "
            "outputs, or one for each, with TRUE where all messages are meant");
  options.match = {""};
  EXPECT_THAT(refusal(options), HasSubstr("--match: column 1: the expression is empty"));
  options.match = {"TRUE", "Severity <= 3", "Typ == 'a'"};
  EXPECT_EQ(refusal(options),
            "--match: column 1: Typ is no variable; did you mean Type?\n  Typ == 'a'\n  ^^^");
}

}  // namespace
}  // namespace metlog
