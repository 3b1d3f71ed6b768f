#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <thread>
#include <utility>

#include "bench/host_cost/cost_subject.h"

namespace metlog {
namespace {

using OpenedSubject = absl::StatusOr<std::unique_ptr<CostSubject>>;

/// The caller writes, under a mutex.
class SpdlogSubject final : public CostSubject {
 public:
  explicit SpdlogSubject(std::shared_ptr<spdlog::logger> logger) : logger_(std::move(logger)) {}

  void log(std::uint64_t id, double latency, const char* user) override {
    SPDLOG_LOGGER_INFO(logger_.get(), "request id={} latency={} user={}", id, latency, user);
  }
  void log_severe(std::uint64_t id, double latency, const char* user) override {
    SPDLOG_LOGGER_ERROR(logger_.get(), "request id={} latency={} user={}", id, latency, user);
  }
  bool flush() override {
    logger_->flush();
    return true;
  }
  Account close() override {
    logger_.reset();
    return {};
  }

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

/// A thread writes; a call waits while the queue of 8,192 is full, so nothing is lost.
class AsyncSpdlogSubject final : public CostSubject {
 public:
  AsyncSpdlogSubject(const std::string& file, bool flushes)
      : pool_(std::make_shared<spdlog::details::thread_pool>(
            8192, 1, [] { pthread_setname_np(pthread_self(), "spdlog-pool"); })),
        logger_(std::make_shared<spdlog::async_logger>(
            "bench", std::make_shared<spdlog::sinks::basic_file_sink_mt>(file, true), pool_,
            spdlog::async_overflow_policy::block)) {
    if (flushes) logger_->flush_on(spdlog::level::err);
  }

  void log(std::uint64_t id, double latency, const char* user) override {
    SPDLOG_LOGGER_INFO(logger_.get(), "request id={} latency={} user={}", id, latency, user);
  }
  void log_severe(std::uint64_t id, double latency, const char* user) override {
    SPDLOG_LOGGER_ERROR(logger_.get(), "request id={} latency={} user={}", id, latency, user);
  }
  // The logger's own only asks its thread.
  bool flush() override {
    while (pool_->queue_size() != 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    logger_->flush();
    return true;
  }
  Account close() override {
    const std::uint64_t lost = pool_->overrun_counter();
    logger_.reset();
    pool_.reset();
    return {0, lost};
  }

 private:
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

template <class Make>
OpenedSubject open_spdlog(Make make) {
  try {
    return make();
  } catch (const spdlog::spdlog_ex& error) {
    return absl::UnavailableError(error.what());
  }
}

OpenedSubject open_sync(const CostPlace& place) {
  return open_spdlog([&]() -> std::unique_ptr<CostSubject> {
    auto logger = std::make_shared<spdlog::logger>(
        "bench", std::make_shared<spdlog::sinks::basic_file_sink_mt>(place.file, true));
    if (place.wakes) logger->flush_on(spdlog::level::err);
    return std::make_unique<SpdlogSubject>(std::move(logger));
  });
}
OpenedSubject open_async(const CostPlace& place) {
  return open_spdlog([&]() -> std::unique_ptr<CostSubject> {
    return std::make_unique<AsyncSpdlogSubject>(place.file, place.wakes);
  });
}

}  // namespace

std::vector<CostSubjectKind> spdlog_cost_subjects() {
  return {{"spdlog-sync", CostSubjectKind::Destination::kFile, open_sync},
          {"spdlog-async", CostSubjectKind::Destination::kFile, open_async}};
}

}  // namespace metlog
