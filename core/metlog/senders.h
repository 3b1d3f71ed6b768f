#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/formatter.h"
#include "metlog/providers.h"
#include "metlog/value.h"

/// The reference's sender classes, for code: a program constructs one and opens a client of it.
///
///   absl::StatusOr<metlog::Client> log =
///       metlog::open(metlog::senders::UdpSender{"127.0.0.1", 5565}, {.logger = "shop"});
///
/// Members are the parameters of the reference's constructors, in their order, with their defaults;
/// the same as `sender_*` in a configuration. They are plain values: spec() checks them, open()
/// connects. open() and reconfigure() are declared in client_config.h. For a destination of your
/// own derive from metlog::Sender.
namespace metlog::senders {

/// Several items, for which a single one may stand.
template <class T>
class OneOrMore {
 public:
  OneOrMore(T item) : items_{std::move(item)} {}
  OneOrMore(const char* item) requires std::same_as<T, std::string> : items_{item} {}
  OneOrMore(std::initializer_list<T> items) : items_(items) {}
  OneOrMore(std::vector<T> items) : items_(std::move(items)) {}

  [[nodiscard]] const std::vector<T>& items() const { return items_; }

 private:
  std::vector<T> items_;
};

// spec() returns what open() needs; kInvalidArgument names the parameter, what it takes and what it
// was given. A formatter that is not given makes indented JSON, as in the reference.

/// Standard output.
struct StdOutSender {
  std::optional<Formatter> formatter = std::nullopt;

  [[nodiscard]] absl::StatusOr<SenderSpec> spec() const;
};

/// A stream of the program, which must outlive the client and is used by no other thread meanwhile.
struct StreamSender {
  std::ostream& stream;
  std::optional<Formatter> formatter = std::nullopt;

  [[nodiscard]] absl::StatusOr<SenderSpec> spec() const;
};

/// Appends to a file, which is created if there is none.
struct FileSender {
  std::string filepath;
  std::optional<Formatter> formatter = std::nullopt;

  [[nodiscard]] absl::StatusOr<SenderSpec> spec() const;
};

/// Keeps the newest 100 messages for the program to read. Copies share them; any thread. A client
/// of it writes at its flusher's pace: call Client::flush() before msgs().
class DebugCaptureSender {
 public:
  /// Takes any keywords, which option() returns.
  explicit DebugCaptureSender(ValueMap options = {})
      : capture_(std::make_shared<DebugCapture>(std::move(options))) {}

  /// The messages as compact JSON, oldest first.
  [[nodiscard]] std::vector<std::string> msgs() const { return capture_->messages(); }
  /// A keyword; null when it was not given.
  [[nodiscard]] const Value* option(std::string_view name) const { return capture_->option(name); }

  [[nodiscard]] absl::StatusOr<SenderSpec> spec() const;

 private:
  std::shared_ptr<DebugCapture> capture_;
};

/// A logger of another library in the program, as register_host_logger() knows it; "" is the root.
struct StdLibLoggingSender {
  std::string logger_name = "";
  OneOrMore<std::string> payload_types = "oldstyle";  // types of which the payload is logged
  OneOrMore<std::string> json_types = "*";            // types of which the envelope is logged

  [[nodiscard]] absl::StatusOr<SenderSpec> spec() const;
};

/// A datagram for each message to every host: hosts and ports are paired by position, further hosts
/// have the last port, further ports are ignored. Ports are 1 to 65535.
struct UdpSender {
  OneOrMore<std::string> host;
  OneOrMore<int> port;

  [[nodiscard]] absl::StatusOr<SenderSpec> spec() const;
};

/// A ZeroMQ publisher that connects to endpoints, `tcp://host:port` or `ipc:///path`.
struct ZmqPubSender {
  OneOrMore<std::string> bindstrs;
  std::size_t pool_size = 10;  // connections, 1 to 64
  int queue_length = 1000;     // messages that libzmq may hold, 1 to 1,000,000
  /// Seconds. Without effect, as in the reference, where the publisher's connect() does nothing:
  /// a connection that breaks is seen and made again by itself.
  std::optional<double> livecheck = std::nullopt;
  bool debug_stderr = false;  // writes each message to standard error, too

  [[nodiscard]] absl::StatusOr<SenderSpec> spec() const;
};

/// The same to one endpoint, when the router has answered a question; what is not sent is written
/// to standard error.
struct ZmqHandshakePubSender {
  std::string handshake_bind;
  std::string connect_bind;
  int handshake_timeout;       // milliseconds, 1 to 3,600,000
  std::size_t pool_size = 10;  // connections, 1 to 64
  int hwm = 200;               // messages that libzmq may hold, 1 to 1,000,000
  double livecheck = 10;       // seconds from an answer to the next question, 0.01 to 86,400
  bool debug_stderr = false;   // writes each message to standard error, too

  [[nodiscard]] absl::StatusOr<SenderSpec> spec() const;
};

/// The placeholder: refuses every message and says so on standard error.
struct NoSendSender {
  [[nodiscard]] absl::StatusOr<SenderSpec> spec() const;
};

}  // namespace metlog::senders

#include "metlog/internal/base/restore_macros.inc"  // last
