#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "metlog/plugin.h"
#include "metlog/providers.h"
#include "senders/udp/udp_fan_out.h"
#include "senders/zmq/zmq_settings.h"

namespace metlog {

/// A sender class of the reference: `metlog.senders.<module>.<name>` and `metlog.senders.<name>`.
struct ReferenceClass {
  const char* module;  // with its dot, or empty
  const char* name;
  absl::StatusOr<SenderSpec> (*plan)(const Arguments& arguments);
  /// What to write where a URL is wanted, or null; the whole of it when the class needs no
  /// arguments.
  const char* url;
  bool needs_arguments;
};

/// All of them.
std::span<const ReferenceClass> reference_classes();

// The classes by their constructors. A formatter is a name as make_formatter() takes it; without
// one, messages are indented JSON.

/// `StreamSender(stream, formatter=none)`; a configuration's streams are `stdout` and `stderr`. For
/// a stream of the program see make_stream_sender().
absl::StatusOr<SenderSpec> plan_stream(const Arguments& arguments);
/// `StdOutSender(formatter=none)`
absl::StatusOr<SenderSpec> plan_stdout(const Arguments& arguments);
/// `FileSender(filepath, formatter=none)`
absl::StatusOr<SenderSpec> plan_file(const Arguments& arguments);
/// `DebugCaptureSender(**anything)`
absl::StatusOr<SenderSpec> plan_capture(const Arguments& arguments);
SenderSpec plan_capture(const std::shared_ptr<DebugCapture>& capture);

/// `NoSendSender()`
absl::StatusOr<SenderSpec> plan_no_send(const Arguments& arguments);

/// `StdLibLoggingSender(logger_name=none, payload_types=["oldstyle"], json_types=["*"])`: a host
/// logger by its name, see host_logger.h; without one, the root. Messages of neither list are
/// filtered.
absl::StatusOr<SenderSpec> plan_host_logger(const Arguments& arguments);

/// `UdpSender(host, port)`: hosts and ports paired by position; further hosts have the last port,
/// further ports are ignored. An unknown host is no error, as it may be known later.
absl::StatusOr<UdpFanOut::Settings> read_udp(const Arguments& arguments);
absl::StatusOr<SenderSpec> plan_udp(const Arguments& arguments);

/// A pool of ZeroMQ connections as a constructor describes it.
struct ZmqPool {
  ZmqSettings each;
  std::size_t size = 0;
};

/// `ZmqPubSender(bindstrs, pool_size=10, queue_length=1000, livecheck=10, debug_stderr=false)`. A
/// connection that breaks is made again by itself, so livecheck is checked and has no effect: if
/// given, it is in SenderSpec::unused.
absl::StatusOr<ZmqPool> read_zmq_pub(const Arguments& arguments);
absl::StatusOr<SenderSpec> plan_zmq_pub(const Arguments& arguments);

/// `ZmqHandshakePubSender(handshake_bind, connect_bind, handshake_timeout, pool_size=10, hwm=200,
/// livecheck=10, debug_stderr=false)`.
absl::StatusOr<ZmqPool> read_zmq_handshake(const Arguments& arguments);
absl::StatusOr<SenderSpec> plan_zmq_handshake(const Arguments& arguments);

}  // namespace metlog
