#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/debug_capture.h"
#include "metlog/filter.h"
#include "metlog/formatter.h"
#include "metlog/sender.h"

namespace metlog {

/// What a sender provider makes of a configuration: how the destination is opened.
struct SenderPlan {
  /// As make_sender() takes it: opened once for each connection, and anew in a forked child.
  std::string url = "";
  /// Where there is no URL: one connection, which a forked child does not get.
  std::function<absl::StatusOr<std::unique_ptr<Sender>>()> make = nullptr;
  /// Connections; 0 for what ClientOptions say.
  std::size_t pool_size = 0;
  /// What messages look like; nothing for what ClientOptions say.
  std::optional<Formatter> format = std::nullopt;
  /// What messages pass behind the configuration's filters.
  std::vector<Filter> filters = {};
  /// False for the placeholder that refuses everything.
  bool is_active = true;
  /// Where the messages can be looked at; null but for the sender that keeps them.
  std::shared_ptr<DebugCapture> capture = nullptr;
};

}  // namespace metlog
