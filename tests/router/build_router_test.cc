#include "tools/metlogd/build_router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/router/envelope.h"
#include "tests/router/peers.h"

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

std::string refusal(const Options& options) {
  const auto built = build_router(options);
  EXPECT_FALSE(built.ok());
  return std::string(built.status().message());
}

TEST(BuildRouter, WritesToTheFileThatWasNamed) {
  // Characters that mean something in a URL mean nothing in a file's name.
  const std::string path = testing::TempDir() + "metlogd 100%25?#." + std::to_string(getpid());
  std::remove(path.c_str());
  Options options = quiet_options();
  options.out = {path};
  const auto router = build_router(options);
  ASSERT_TRUE(router.ok()) << router.status();
  UdpPeer((*router)->inputs()[0]->endpoint()).send(envelope());
  (*router)->close(std::chrono::seconds(30));
  EXPECT_EQ((*router)->ledger().unexplained(), 0U);
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(text, envelope() + "\n");
  std::remove(path.c_str());
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
  const auto router = build_router(options);
  ASSERT_TRUE(router.ok()) << router.status();
  EXPECT_THAT((*router)->inputs().back()->endpoint(),
              testing::StartsWith("handshake+tcp://127.0.0.1:"));
  options.handshake = {"tcp://0.0.0.0:*"};
  EXPECT_THAT(refusal(options), testing::StartsWith("--handshake tcp://0.0.0.0:*: refused"));
  options.udp = {"none"};
  EXPECT_THAT(refusal(options), HasSubstr("nothing is left to listen on"));
}

TEST(BuildRouter, RefusesRemoteAddressesUnlessTold) {
  Options options = quiet_options();
  options.udp = {"0.0.0.0:0"};
  EXPECT_THAT(refusal(options), HasSubstr("--allow-remote"));
  options.allow_remote = true;
  EXPECT_TRUE(build_router(options).ok());
}

TEST(BuildRouter, SendsMetricsToStatsd) {
  const auto statsd = build_router(quiet_options());
  ASSERT_TRUE(statsd.ok());
  Options options = quiet_options();
  options.statsd = (*statsd)->inputs()[0]->endpoint();
  const auto router = build_router(options);
  ASSERT_TRUE(router.ok()) << router.status();
  const UdpPeer peer((*router)->inputs()[0]->endpoint());
  peer.send(envelope());
  peer.send(envelope({{"type", "\"timer\""}}));
  (*router)->close(std::chrono::seconds(30));
  const OutputLedger ledger = (*router)->ledger().outputs[0];
  EXPECT_EQ(ledger.not_matched, 1U);
  EXPECT_EQ(ledger.written, 1U);
  (*statsd)->step(std::chrono::milliseconds(0));
  EXPECT_EQ((*statsd)->frame_count(), 1U);
}

TEST(BuildRouter, WantsOneExpressionForAllOutputsOrOneForEach) {
  Options options = quiet_options();
  options.out = {"null:", "null:", "none"};
  options.match = {"Type == 'a'"};
  EXPECT_TRUE(build_router(options).ok());
  options.match = {"TRUE", "Severity <= 3", "TRUE"};
  EXPECT_TRUE(build_router(options).ok());
  options.match = {"TRUE", "TRUE"};
  EXPECT_EQ(refusal(options),
            "--match: there are 2 of them, and 3 --out; give one for all outputs, or one for each, "
            "with TRUE where all messages are meant");
  options.match = {""};
  EXPECT_THAT(refusal(options), HasSubstr("--match: column 1: the expression is empty"));
  options.match = {"TRUE", "Severity <= 3", "Typ == 'a'"};
  EXPECT_EQ(refusal(options),
            "--match: column 1: Typ is no variable; did you mean Type?\n  Typ == 'a'\n  ^^^");
}

}  // namespace
}  // namespace metlog
