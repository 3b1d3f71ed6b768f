#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace metlog {

/// A metlogd that receives over ZMQ on a port of the kernel's choice and writes JSON lines to a
/// file. It is killed when this process dies.
class MetlogdProcess {
 public:
  /// Starts `program`, with its files in `directory`, and returns when it listens. kUnavailable
  /// when it does not within ten seconds.
  static absl::StatusOr<std::unique_ptr<MetlogdProcess>> start(const std::string& program,
                                                               const std::string& directory,
                                                               const std::string& out);
  /// Kills it unless stop() was called.
  ~MetlogdProcess();
  MetlogdProcess(const MetlogdProcess&) = delete;
  MetlogdProcess& operator=(const MetlogdProcess&) = delete;

  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
  [[nodiscard]] pid_t id() const { return id_; }

  /// Its own account of messages that it received and did not write.
  struct Account {
    std::uint64_t rejected = 0;
    std::uint64_t lost = 0;
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
