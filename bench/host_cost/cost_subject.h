#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace metlog {

/// A way to log, in the process that is measured. Any thread may log; the rest is for one thread.
class CostSubject {
 public:
  /// The subject's own account of its messages.
  struct Account {
    std::uint64_t taken = 0;  // by its destination
    std::uint64_t lost = 0;
  };

  virtual ~CostSubject() = default;
  CostSubject(const CostSubject&) = delete;
  CostSubject& operator=(const CostSubject&) = delete;

  /// Logs "request id={} latency={} user={}". Virtual for all subjects, no logging too, so that the
  /// call itself is in no difference.
  virtual void log(std::uint64_t id, double latency, const char* user) = 0;
  /// The same with a severity that the subject lets wake its thread or flush, see
  /// CostPlace::wakes.
  virtual void log_severe(std::uint64_t id, double latency, const char* user) = 0;
  /// Waits until the destination has what was logged; false when that takes too long.
  virtual bool flush() = 0;
  /// Ends logging, flushed. Call it once, last.
  virtual Account close() = 0;

 protected:
  CostSubject() = default;
};

/// Where a subject writes to.
struct CostPlace {
  std::string file;
  std::string endpoint;  // of metlogd, which writes `file`
  bool waits = false;    // see CostCase::waits()
  int nice = 0;          // of the subject's threads
  bool wakes = false;    // messages of log_severe() shall be in the file at once
};

/// A subject as --subjects names it.
struct CostSubjectKind {
  enum class Destination : std::uint8_t { kNothing, kFile, kRouter };

  std::string name;
  Destination destination = Destination::kFile;
  absl::StatusOr<std::unique_ptr<CostSubject>> (*open)(const CostPlace& place) = nullptr;
};

/// The name of the subject that does not log.
inline constexpr const char* kNoLogging = "none";
/// The first word of each message's text, by which lines are recognised, and what its id follows.
inline constexpr const char* kMessageMark = "request id=";

/// No logging, and metlog to each of its destinations.
std::vector<CostSubjectKind> metlog_cost_subjects();
/// spdlog, synchronous and asynchronous; only with METLOG_BENCH_PEERS.
std::vector<CostSubjectKind> spdlog_cost_subjects();

}  // namespace metlog
