#pragma once

#include <string>
#include <string_view>

#include "tools/router/web/router_status.h"

namespace metlog {

/// All of a status as one JSON object: `time`, `started`, `version`, `state` ("running", or
/// "silent" when the router does not answer), `losses`, `traffic`, `metrics` of the outputs that
/// have some, and `ledger`, which is what the ledger's own JSON has.
std::string status_json(const StatusBoard::View& view, std::string_view version);

/// The points of the history from number `after` on, and the number of the next one.
std::string history_json(const RouterStatus& status, std::uint64_t after);

/// Whether all goes well.
struct Health {
  bool is_ok = false;
  std::string json;  // {"status": "ok"} or {"status": "failing", "failing": [{"where": ...}]}
};
/// Not well are: a router that does not answer; an output that lost something within the last
/// minute, or that has had an error within it and has messages to send; an input from which
/// something was lost within it.
Health health_of(const StatusBoard::View& view);

}  // namespace metlog
