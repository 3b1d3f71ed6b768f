// tests/golden/senders.json: what the reference's senders did, case by case.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <functional>
#include <map>
#include <set>
#include <string>

#include "tests/provider/golden_senders.h"

namespace metlog {
namespace {

/// The cases that C++ cannot write, or whose outcome is fixed, and why; docs/compatibility.md.
const std::set<std::string, std::less<>>& not_replayed() {
  static const std::set<std::string, std::less<>> kNames = {
      "sender_errors/1",         // a sender answers, it does not throw; what throws is counted
      "sender_errors/2",         // the same
      "sender_errors/3",         // the same
      "sender_errors/4",         // the same
      "sender_errors/5",         // no message is refused for its bytes
      "sender_errors/6",         // a port as text is a number
      "sender_errors/7",         // counted as too_long: UdpFanOut.SendsEveryMessage..
      "udp_destinations/8",      // no host is an error
      "udp_destinations/10",     // a port as text is a number, not its characters
      "udp_destinations/11",     // the same
      "udp_destinations/12",     // an empty host is an error
      "udp_destinations/14",     // there are no tuples: the last port is taken again
      "stdlib_severity_map/10",  // a severity is a number
  };
  return kNames;
}

/// All cases of the file by name: a member of `results`, or `member/index` of a list of cases.
std::map<std::string, simdjson::dom::element> cases_of(const simdjson::dom::object& results) {
  static const std::set<std::string_view> kLists = {"sender_errors", "udp_destinations",
                                                    "stream_sender_default_formatter",
                                                    "stdlib_severity_map", "stdlib_logging_sender"};
  std::map<std::string, simdjson::dom::element> cases;
  for (const auto& [key, value] : results) {
    if (!kLists.contains(key)) {
      cases.emplace(key, value);
      continue;
    }
    std::size_t index = 0;
    for (const simdjson::dom::element one : value.get_array()) {
      cases.emplace(std::string(key).append("/").append(std::to_string(index++)), one);
    }
  }
  return cases;
}

/// The replay of a case; those of a list share theirs.
const GoldenReplay* replay_of(const std::string& name) {
  const auto& replays = golden_sender_replays();
  const auto found = replays.find(name.substr(0, name.find('/')));
  return found == replays.end() ? nullptr : &found->second;
}

TEST(GoldenSenders, DoWhatTheReferenceDid) {
  simdjson::dom::parser parser;
  const simdjson::dom::element golden = parser.load(METLOG_GOLDEN_DIR "/senders.json");
  const auto cases = cases_of(golden["results"].get_object());
  for (const std::string& name : not_replayed()) EXPECT_TRUE(cases.contains(name)) << name;
  std::size_t replayed = 0;
  for (const auto& [name, expected] : cases) {
    if (not_replayed().contains(name)) continue;
    SCOPED_TRACE(name);
    const GoldenReplay* const replay = replay_of(name);
    ASSERT_NE(replay, nullptr) << "a golden case that is neither replayed nor listed";
    (*replay)(expected);
    ++replayed;
  }
  EXPECT_EQ(replayed, 46U) << "as docs/compatibility.md says";
}

}  // namespace
}  // namespace metlog
