#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metlog/value.h"

namespace metlog {

/// What a DebugCaptureSender has kept: the newest messages, and the keywords it was made with. Any
/// thread.
class DebugCapture {
 public:
  static constexpr std::size_t kMost = 100;

  explicit DebugCapture(ValueMap options) : options_(std::move(options)) {}

  void add(std::string_view message) {
    const std::lock_guard lock(mutex_);
    if (messages_.size() == kMost) messages_.pop_front();
    messages_.emplace_back(message);
  }
  /// Oldest first.
  [[nodiscard]] std::vector<std::string> messages() const {
    const std::lock_guard lock(mutex_);
    return {messages_.begin(), messages_.end()};
  }
  /// A keyword of the sender's constructor; null when it was not given.
  [[nodiscard]] const Value* option(std::string_view name) const { return options_.find(name); }
  [[nodiscard]] const ValueMap& options() const { return options_; }

 private:
  const ValueMap options_;
  mutable std::mutex mutex_;
  std::deque<std::string> messages_;
};

}  // namespace metlog
