#include <chrono>
#include <utility>

#include "bench/host_cost/cost_subject.h"
#include "metlog/metlog.h"

namespace metlog {
namespace {

constexpr std::chrono::seconds kLimit{30};

using OpenedSubject = absl::StatusOr<std::unique_ptr<CostSubject>>;

class NoLogging final : public CostSubject {
 public:
  void log(std::uint64_t, double, const char*) override {}
  void log_severe(std::uint64_t, double, const char*) override {}
  bool flush() override { return true; }
  Account close() override { return {}; }
};

class MetlogSubject final : public CostSubject {
 public:
  explicit MetlogSubject(Client client) : client_(std::move(client)) {}

  void log(std::uint64_t id, double latency, const char* user) override {
    METLOG_INFO(client_, "request id={} latency={} user={}", id, latency, user);
  }
  void log_severe(std::uint64_t id, double latency, const char* user) override {
    METLOG_ERROR(client_, "request id={} latency={} user={}", id, latency, user);
  }
  bool flush() override { return client_.flush(kLimit); }
  Account close() override {
    client_.flush(kLimit);
    client_.close(kLimit);
    const Ledger ledger = client_.stats();
    return {ledger.sent, ledger.lost.total()};
  }

 private:
  Client client_;
};

OpenedSubject open_none(const CostPlace&) { return std::make_unique<NoLogging>(); }

OpenedSubject open_metlog(const std::string& url, const CostPlace& place) {
  ClientOptions options;
  options.logger = "bench";
  if (place.waits) options.when_full = WhenFull::kBlock;
  if (place.wakes || place.nice != 0) {
    EngineOptions engine;
    if (place.wakes) engine.wake_severity = Severity::kError;
    if (place.nice != 0) engine.thread_nice = place.nice;
    if (absl::Status status = Engine::configure(engine); !status.ok()) return status;
  }
  absl::StatusOr<Client> client = open(url, options);
  if (!client.ok()) return client.status();
  return std::make_unique<MetlogSubject>(*std::move(client));
}
OpenedSubject open_null(const CostPlace& place) { return open_metlog("null:", place); }
OpenedSubject open_json(const CostPlace& place) {
  return open_metlog("file://" + place.file, place);
}
OpenedSubject open_text(const CostPlace& place) {
  return open_metlog("file://" + place.file + "?format=text", place);
}
OpenedSubject open_zmq(const CostPlace& place) {
  return open_metlog(place.endpoint + "?batch=0", place);
}
OpenedSubject open_zmq_batched(const CostPlace& place) {
  return open_metlog(place.endpoint + "?batch=1", place);
}

}  // namespace

std::vector<CostSubjectKind> metlog_cost_subjects() {
  using To = CostSubjectKind::Destination;
  return {
      {kNoLogging, To::kNothing, open_none}, {"metlog-null", To::kNothing, open_null},
      {"metlog-json", To::kFile, open_json}, {"metlog-text", To::kFile, open_text},
      {"metlog-zmq", To::kRouter, open_zmq}, {"metlog-zmq-batched", To::kRouter, open_zmq_batched}};
}

}  // namespace metlog
