// The sender classes of senders.h, by the same checks as those that a configuration names.

#include "metlog/senders.h"

#include <memory>
#include <utility>

#include "metlog/make_sender.h"
#include "senders/reference/reference_senders.h"

namespace metlog::senders {
namespace {

using Spec = absl::StatusOr<SenderSpec>;

template <class T>
Value list_value(const OneOrMore<T>& given) {
  ValueList list;
  for (const T& item : given.items()) list.emplace_back(item);
  return list;
}

/// With the formatter that was given as an object, where a configuration has its name.
Spec formatted(Spec spec, const std::optional<Formatter>& formatter) {
  if (spec.ok() && formatter.has_value()) spec->format = *formatter;
  return spec;
}

}  // namespace

Spec StdOutSender::spec() const { return formatted(plan_stdout({}), formatter); }

Spec StreamSender::spec() const {
  SenderSpec spec;
  spec.make = [to = &stream] { return make_stream_sender(*to); };
  spec.format = MessageFormat::kIndented;
  return formatted(std::move(spec), formatter);
}

Spec FileSender::spec() const { return formatted(plan_file({{filepath}, {}}), formatter); }

Spec DebugCaptureSender::spec() const { return plan_capture(capture_); }

Spec StdLibLoggingSender::spec() const {
  return plan_host_logger({{logger_name, list_value(payload_types), list_value(json_types)}, {}});
}

Spec UdpSender::spec() const { return plan_udp({{list_value(host), list_value(port)}, {}}); }

Spec ZmqPubSender::spec() const {
  return plan_zmq_pub({{list_value(bindstrs), pool_size, queue_length,
                        livecheck.has_value() ? Value(*livecheck) : Value(), debug_stderr},
                       {}});
}

Spec ZmqHandshakePubSender::spec() const {
  return plan_zmq_handshake(
      {{handshake_bind, connect_bind, handshake_timeout, pool_size, hwm, livecheck, debug_stderr},
       {}});
}

Spec NoSendSender::spec() const { return plan_no_send({}); }

}  // namespace metlog::senders
