#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "metlog/internal/base/diagnostic.h"

namespace metlog {

/// The clients that the sockets of a ZMQ context take: those whose public keys lie in a folder, one
/// in each file `*.pub`, as `metlog keygen` makes them. It is the context's handler of ZAP
/// (rfc.zeromq.org/spec/27), on a thread of its own.
///
/// The folder is read again for a client that connects when it has changed, or a second later, so a
/// key that was added or removed counts at once; open connections stay. While the folder cannot be
/// read, no new client gets in.
class CurveClients {
 public:
  /// Reads the folder and starts to answer. Begin before a socket of the context is bound: without
  /// a handler libzmq takes everyone. Errors: kInvalidArgument, or the system's reason, for the
  /// folder and for a file in it that holds no public key; kResourceExhausted for the thread.
  static absl::StatusOr<std::unique_ptr<CurveClients>> start(void* zmq_context, std::string folder);
  /// The context must have been shut down (zmq_ctx_shutdown()).
  ~CurveClients();
  CurveClients(const CurveClients&) = delete;
  CurveClients& operator=(const CurveClients&) = delete;

  /// The connections that were refused. Any thread.
  [[nodiscard]] std::uint64_t refused() const {
    return refused_.load(std::memory_order_relaxed);  // relaxed: a counter
  }

 private:
  struct Request;
  enum class Faults : std::uint8_t { kAreErrors, kAreReported };

  explicit CurveClients(std::string folder) : folder_(std::move(folder)) {}
  absl::Status read_folder(Faults faults);
  [[nodiscard]] bool is_stale() const;
  void answer_all();
  [[nodiscard]] bool may_enter(const Request& request);

  const std::string folder_;
  std::set<std::string> keys_;   // of 40 characters of Z85
  std::int64_t changed_ns_ = 0;  // when the folder had changed last, as it was read
  std::int64_t read_ns_ = 0;     // when it was read, by the monotonic clock
  DiagnosticLimit say_refused_;
  DiagnosticLimit say_fault_;
  std::atomic<std::uint64_t> refused_{0};
  void* socket_ = nullptr;
  std::thread thread_;
};

}  // namespace metlog
