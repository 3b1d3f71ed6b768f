#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace metlog {

/// A metlogd that receives over ZMQ on a port of the kernel's choice. It is killed when this
/// process dies.
class MetlogdProcess {
 public:
  /// Starts `program` with these options, which name its outputs, and its files in `directory`;
  /// returns when it listens. kUnavailable when it does not within ten seconds.
  static absl::StatusOr<std::unique_ptr<MetlogdProcess>> start(const std::string& program,
                                                               const std::string& directory,
                                                               std::vector<std::string> options);
  /// Kills it unless stop() was called.
  ~MetlogdProcess();
  MetlogdProcess(const MetlogdProcess&) = delete;
  MetlogdProcess& operator=(const MetlogdProcess&) = delete;

  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
  [[nodiscard]] pid_t id() const { return id_; }

  /// Its own account of messages.
  struct Account {
    std::uint64_t rejected = 0;
    std::uint64_t lost = 0;  // received and not written, by all outputs together
    std::int64_t unexplained = 0;
    std::uint64_t missing = 0;              // by their numbers: sent and not received
    std::vector<std::uint64_t> written_by;  // each output, in their order
  };
  /// Asks it to write what it has received, and to end. kUnavailable when there is no account.
  absl::StatusOr<Account> stop();

 private:
  MetlogdProcess(pid_t id, std::string ledger) : ledger_(std::move(ledger)), id_(id) {}

  const std::string ledger_;
  std::string endpoint_;
  pid_t id_;
};

}  // namespace metlog
