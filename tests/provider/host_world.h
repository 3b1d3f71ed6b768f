#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metlog/host_logger.h"
#include "metlog/providers.h"
#include "tests/support/test_engine.h"

namespace metlog {

/// A logging library that keeps its records, registered under a name for as long as this lives,
/// and a client that sends to it. Throws at the text "throw".
class HostWorld {
 public:
  explicit HostWorld(std::string name, bool logs_later = false) : name_(std::move(name)) {
    HostLogger logger;
    logger.log = [this](const HostRecord& record) { keep(record); };
    logger.flush = [this](std::chrono::nanoseconds) { return ++flush_count_ != 0; };
    logger.logs_later = logs_later;
    EXPECT_TRUE(register_host_logger(name_, logger).ok());
  }
  ~HostWorld() {
    if (client_.has_value()) {
      client_->close(std::chrono::seconds(10));
      EXPECT_EQ(client_->stats().unexplained(), 0);
    }
    unregister_host_logger(name_);
  }
  HostWorld(const HostWorld&) = delete;
  HostWorld& operator=(const HostWorld&) = delete;

  /// The client, by a StdLibLoggingSender with these arguments.
  Client& open(const ValueMap& arguments, const std::vector<Filter>& filters = {}) {
    const auto plan =
        plan_sender("metlog.senders.logging.StdLibLoggingSender", Arguments{{}, arguments});
    EXPECT_TRUE(plan.ok()) << plan.status();
    ClientOptions options{.format = *plan->format, .filters = filters};
    options.filters.insert(options.filters.end(), plan->filters.begin(), plan->filters.end());
    client_ = engine_.emplace().engine().open(plan->make().value(), options).value();
    return *client_;
  }

  /// What the library does with a record beside keeping it.
  std::function<void(const HostRecord&)> and_then;

  /// All records so far, as `logger LEVEL text`.
  std::vector<std::string> lines() {
    step_until_quiet(engine_->engine());
    return lines_;
  }
  /// Their texts alone.
  std::vector<std::string> texts() {
    step_until_quiet(engine_->engine());
    return texts_;
  }
  [[nodiscard]] int flush_count() const { return flush_count_; }

  static std::string_view name_of(HostLevel level) {
    switch (level) {
      case HostLevel::kDebug:
        return "DEBUG";
      case HostLevel::kInfo:
        return "INFO";
      case HostLevel::kWarning:
        return "WARNING";
      case HostLevel::kError:
        return "ERROR";
      case HostLevel::kCritical:
        return "CRITICAL";
    }
    return "?";
  }

 private:
  void keep(const HostRecord& record) {
    if (record.text == "throw") throw std::runtime_error("the disk is full");
    lines_.push_back(std::string(record.logger)
                         .append(" ")
                         .append(name_of(record.level))
                         .append(" ")
                         .append(record.text));
    texts_.emplace_back(record.text);
    if (and_then) and_then(record);
  }

  const std::string name_;
  std::optional<TestEngine> engine_;  // of the process; there may be other worlds
  std::optional<Client> client_;
  std::vector<std::string> lines_;
  std::vector<std::string> texts_;
  int flush_count_ = 0;
};

}  // namespace metlog
