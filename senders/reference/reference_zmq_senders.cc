// The reference's ZeroMQ sender classes: what their constructors take.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metlog/internal/provider/parameters.h"
#include "senders/reference/reference_senders.h"
#include "senders/reference/sender_arguments.h"
#include "senders/zmq/zmq_sender.h"

namespace metlog {
namespace {

constexpr std::int64_t kMaxConnections = 64;
constexpr std::size_t kPoolSizePreset = 10;
constexpr std::int64_t kMaxHwm = 1'000'000;
constexpr std::int64_t kMaxTimeoutMs = 3'600'000;
constexpr double kMinLivecheck = 0.01;  // seconds
constexpr double kMaxLivecheck = 86'400;
constexpr std::chrono::milliseconds kLivecheckPreset{10'000};

/// The parameters that both constructors have, in a row.
enum Shared : std::size_t { kPoolSize, kHwm, kLivecheck, kDebugStderr };

/// Reads the shared parameters; `hwm_name` is what this constructor calls its second. Those that
/// are absent leave `pool` as it is.
absl::Status read_shared(const Value* const* given, std::string_view hwm_name, ZmqPool& pool) {
  if (is_given(given[kPoolSize])) {
    const auto count = number_of("pool_size", *given[kPoolSize], 1, kMaxConnections);
    if (!count.ok()) return count.status();
    pool.size = static_cast<std::size_t>(*count);
  }
  if (is_given(given[kHwm])) {
    const auto frames = number_of(hwm_name, *given[kHwm], 1, kMaxHwm);
    if (!frames.ok()) return frames.status();
    pool.each.hwm = static_cast<int>(*frames);
  }
  if (is_given(given[kLivecheck])) {
    const auto seconds =
        real_of("livecheck", *given[kLivecheck], kMinLivecheck, kMaxLivecheck, "seconds");
    if (!seconds.ok()) return seconds.status();
    pool.each.livecheck =
        std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(*seconds));
  }
  if (is_given(given[kDebugStderr])) {
    const auto flag = flag_of("debug_stderr", *given[kDebugStderr]);
    if (!flag.ok()) return flag.status();
    // An endpoint may be given with options of its own.
    pool.each.debug_stderr = pool.each.debug_stderr || *flag;
  }
  return absl::OkStatus();
}

/// The settings of the endpoint that a constructor is given first, which may have options of its
/// own as a URL has them.
absl::StatusOr<ZmqPool> pool_of(std::string_view parameter, const std::string& endpoint,
                                const Value& written, int hwm) {
  const absl::StatusOr<Url> url = parse_url(endpoint);
  if (!url.ok()) return url.status();
  if (!is_zmq(*url)) {
    return wrong_argument(parameter, Value(endpoint), "tcp://host:port or ipc:///path", &written);
  }
  absl::StatusOr<ZmqSettings> settings = zmq_settings(*url);
  if (!settings.ok()) return settings.status();
  ZmqPool pool{*std::move(settings), kPoolSizePreset};
  pool.each.hwm = hwm;
  return pool;
}

absl::StatusOr<SenderSpec> spec_of(absl::StatusOr<ZmqPool> pool) {
  if (!pool.ok()) return pool.status();
  SenderSpec spec;
  spec.pool_size = pool->size;
  spec.connect = [each = std::move(pool->each)] { return ZmqSender::open(each); };
  return spec;
}

/// The only endpoint that a parameter names.
absl::StatusOr<std::string> single_text(std::string_view parameter, const Value& value) {
  const auto texts = texts_of(parameter, value);
  if (!texts.ok()) return texts.status();
  if (texts->size() != 1) return wrong_argument(parameter, value, "one endpoint");
  return texts->front();
}

}  // namespace

absl::StatusOr<ZmqPool> read_zmq_pub(const Arguments& arguments) {
  const auto bound =
      Parameters{
          "ZmqPubSender", {"bindstrs", "pool_size", "queue_length", "livecheck", "debug_stderr"}, 1}
          .bind(arguments);
  if (!bound.ok()) return bound.status();
  const Value& bindstrs = *(*bound)[0];
  const auto texts = texts_of("bindstrs", bindstrs);
  if (!texts.ok()) return texts.status();
  if (texts->empty()) return wrong_argument("bindstrs", bindstrs, "at least one endpoint");
  absl::StatusOr<ZmqPool> pool = pool_of("bindstrs", texts->front(), bindstrs, 1000);
  if (!pool.ok()) return pool;
  std::vector<std::string>& endpoints = pool->each.endpoints;
  for (std::size_t i = 1; i < texts->size(); ++i) {
    const auto further = zmq_endpoints("bindstrs", (*texts)[i]);
    if (!further.ok()) return further.status();
    endpoints.insert(endpoints.end(), further->begin(), further->end());
  }
  if (absl::Status status = read_shared(bound->data() + 1, "queue_length", *pool); !status.ok()) {
    return status;
  }
  return pool;
}

absl::StatusOr<ZmqPool> read_zmq_handshake(const Arguments& arguments) {
  const auto bound = Parameters{"ZmqHandshakePubSender",
                                {"handshake_bind", "connect_bind", "handshake_timeout", "pool_size",
                                 "hwm", "livecheck", "debug_stderr"},
                                3}
                         .bind(arguments);
  if (!bound.ok()) return bound.status();
  const auto question = single_text("handshake_bind", *(*bound)[0]);
  if (!question.ok()) return question.status();
  const auto target = single_text("connect_bind", *(*bound)[1]);
  if (!target.ok()) return target.status();
  const auto timeout = number_of("handshake_timeout", *(*bound)[2], 1, kMaxTimeoutMs);
  if (!timeout.ok()) return timeout.status();
  absl::StatusOr<ZmqPool> pool = pool_of("connect_bind", *target, *(*bound)[1], 200);
  if (!pool.ok()) return pool;
  const auto router = zmq_endpoints("handshake_bind", *question);
  if (!router.ok()) return router.status();
  if (router->size() != 1) return wrong_argument("handshake_bind", *(*bound)[0], "one endpoint");
  if (pool->each.endpoints.size() != 1) {
    return wrong_argument("connect_bind", *(*bound)[1], "one endpoint");
  }
  pool->each.handshake = router->front();
  pool->each.handshake_timeout = std::chrono::milliseconds(*timeout);
  pool->each.livecheck = kLivecheckPreset;
  pool->each.unsent_stderr = true;
  if (absl::Status status = read_shared(bound->data() + 3, "hwm", *pool); !status.ok()) {
    return status;
  }
  return pool;
}

absl::StatusOr<SenderSpec> plan_zmq_pub(const Arguments& arguments) {
  absl::StatusOr<SenderSpec> spec = spec_of(read_zmq_pub(arguments));
  constexpr std::size_t kPosition = 3;
  const ValueList& positional = arguments.positional;
  const bool has_livecheck = is_given(arguments.named.find("livecheck")) ||
                             (positional.size() > kPosition && is_given(&positional[kPosition]));
  if (spec.ok() && has_livecheck) spec->unused = {"livecheck"};
  return spec;
}

absl::StatusOr<SenderSpec> plan_zmq_handshake(const Arguments& arguments) {
  return spec_of(read_zmq_handshake(arguments));
}

}  // namespace metlog
