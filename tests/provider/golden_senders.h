#pragma once

#include <simdjson.h>

#include <functional>
#include <map>
#include <string>

namespace metlog {

/// Does what a case of tests/golden/senders.json did and expects what it says.
using GoldenReplay = std::function<void(const simdjson::dom::element& expected)>;

// Those about other libraries' loggers; golden_bridges.cc.
void replay_severity(const simdjson::dom::element& expected);
void replay_logging(const simdjson::dom::element& expected);
void replay_hook(const simdjson::dom::element& expected);

/// By the case's name, without the number within its list.
const std::map<std::string, GoldenReplay, std::less<>>& golden_sender_replays();

}  // namespace metlog
