#include "tools/router/web/router_metrics.h"

#include <array>
#include <map>
#include <utility>

#include "tools/router/prometheus/exposition.h"

namespace metlog {
namespace {

using Type = Exposition::Type;

constexpr double kNs = 1e-9;

class RouterMetrics {
 public:
  explicit RouterMetrics(const RouterStatus& status) : status_(status), ledger_(status.ledger) {
    for (const InputLedger& input : ledger_.inputs) inputs_[input.endpoint] += input.counts;
    for (const OutputLedger& output : ledger_.outputs) {
      outputs_[{output.name, output.url}] += output;
    }
  }

  std::string write(std::string_view version) {
    text_.begin("metlogd_build_info", Type::kGauge, "1; which metlogd this is.");
    text_.add(std::array{Exposition::Label{"version", version}}, std::uint64_t{1});
    text_.begin("metlogd_start_time_seconds", Type::kGauge, "When the router began to receive.");
    text_.add({}, static_cast<double>(status_.started_utc_ns) * kNs);
    add_intake();
    add_inputs();
    add_outputs();
    add_losses_before();
    return text_.take();
  }

 private:
  void add(std::string_view name, Type type, std::string_view help, std::uint64_t value) {
    text_.begin(name, type, help);
    text_.add({}, value);
  }

  /// A sample for each reason, those without a count too: a rate begins at 0.
  template <class Reason, std::size_t kCount>
  void add_reasons(const std::array<std::uint64_t, kCount>& counts) {
    for (std::size_t i = 0; i < kCount; ++i) {
      text_.add(std::array{Exposition::Label{"reason", name_of(static_cast<Reason>(i))}},
                counts[i]);
    }
  }

  void add_intake() {
    add("metlogd_received_messages_total", Type::kCounter,
        "Messages received, accepted or rejected.", ledger_.messages());
    add("metlogd_accepted_messages_total", Type::kCounter, "Messages that were routed or ignored.",
        ledger_.accepted);
    text_.begin("metlogd_rejected_messages_total", Type::kCounter,
                "Messages that were received and are none, by reason.");
    add_reasons<RejectReason>(ledger_.rejected);
    text_.begin("metlogd_repaired_messages_total", Type::kCounter,
                "Accepted messages that were repaired, by what was wrong.");
    add_reasons<Repair>(ledger_.repaired);
    text_.begin("metlogd_damaged_frames_total", Type::kCounter,
                "Batched frames that were rejected as a whole, by reason.");
    add_reasons<FrameDamage>(ledger_.frames.damaged);
    text_.begin("metlogd_reloads_total", Type::kCounter,
                "Configurations that were read while the router ran.");
    text_.add(std::array{Exposition::Label{"result", "taken"}}, ledger_.reloads);
    text_.add(std::array{Exposition::Label{"result", "refused"}}, ledger_.refused_reloads);
  }

  void add_input(std::string_view name, std::string_view help, std::uint64_t InputCounts::*count) {
    text_.begin(name, Type::kCounter, help);
    for (const auto& [endpoint, counts] : inputs_) {
      text_.add(std::array{Exposition::Label{"input", endpoint}}, counts.*count);
    }
  }

  void add_inputs() {
    add_input("metlogd_input_frames_total", "Frames received.", &InputCounts::frames);
    add_input("metlogd_input_kernel_drops_total",
              "Datagrams that the kernel dropped before they could be received.",
              &InputCounts::kernel_drops);
    add_input("metlogd_input_errors_total", "Receive calls that failed.", &InputCounts::errors);
    add_input("metlogd_input_handshakes_total", "Handshakes answered.", &InputCounts::handshakes);
    add_input("metlogd_input_bad_metrics_total", "Lines of statsd that are none.",
              &InputCounts::bad_metrics);
    add_input("metlogd_input_refused_clients_total",
              "Connections of clients whose keys are in no file of curve_clients.",
              &InputCounts::refused_clients);
  }

  template <class F>
  void add_output(std::string_view name, Type type, std::string_view help, F value_of) {
    text_.begin(name, type, help);
    for (const auto& [place, output] : outputs_) {
      text_.add(std::array{Exposition::Label{"output", place.first},
                           Exposition::Label{"url", place.second}},
                value_of(output));
    }
  }

  void add_outputs() {
    using Output = const OutputLedger&;
    const Type counter = Type::kCounter;
    const Type gauge = Type::kGauge;
    add_output("metlogd_output_routed_messages_total", counter, "Messages that the output takes.",
               [](Output output) { return output.routed; });
    add_output("metlogd_output_written_messages_total", counter,
               "Messages that the destination, the kernel or a library has taken.",
               [](Output output) { return output.written; });
    add_output("metlogd_output_acknowledged_messages_total", counter,
               "Of the written: the receiver has confirmed them.",
               [](Output output) { return output.acknowledged; });
    text_.begin("metlogd_output_lost_messages_total", counter,
                "Messages that the output has lost, by reason.");
    for (const auto& [place, output] : outputs_) {
      for (std::size_t i = 0; i < kLossReasonCount; ++i) {
        text_.add(std::array{Exposition::Label{"output", place.first},
                             Exposition::Label{"url", place.second},
                             Exposition::Label{"reason", name_of(static_cast<LossReason>(i))}},
                  output.lost.by_reason[i]);
      }
    }
    add_output("metlogd_output_retried_messages_total", counter, "Messages sent once more.",
               [](Output output) { return output.delivery.retried; });
    add_output("metlogd_output_dead_lettered_messages_total", counter,
               "Of the lost: they are in the dead-letter file.",
               [](Output output) { return output.delivery.dead_lettered; });
    add_output("metlogd_output_pending_messages", gauge, "Messages that are not sent yet.",
               [](Output output) { return output.pending; });
    add_output("metlogd_output_in_flight_messages", gauge,
               "Of the pending: sent, and not answered yet.",
               [](Output output) { return output.delivery.in_flight; });
    add_output("metlogd_output_queue_bytes", gauge, "Received messages that wait.",
               [](Output output) { return output.queue_bytes; });
    add_output("metlogd_output_queue_limit_bytes", gauge, "How many may wait.",
               [](Output output) { return output.queue_limit_bytes; });
    add_output("metlogd_output_last_error_timestamp_seconds", gauge,
               "When the output last failed to deliver something; 0 for never.",
               [](Output output) { return static_cast<double>(output.last_error.utc_ns) * kNs; });
  }

  /// What was lost before it was received.
  void add_losses_before() {
    text_.begin("metlogd_client_lost_messages_total", Type::kCounter,
                "Messages that clients say they have lost, by reason.");
    add_reasons<LossReason>(ledger_.client_losses.lost_by_reason.by_reason);
    add("metlogd_sequence_missing_messages", Type::kGauge,
        "Numbers that are missing in the streams of batched frames.", ledger_.sequence.missing);
    const SessionsLedger& sessions = ledger_.sessions;
    add("metlogd_sessions", Type::kGauge, "Processes whose accounts have come.", sessions.sessions);
    add("metlogd_sessions_lost_on_way_messages", Type::kGauge,
        "Messages that clients have sent and that have not come.", sessions.lost_on_way);
    add("metlogd_sessions_undecided_messages", Type::kGauge,
        "Missing messages that were lost on the way, or by their client.", sessions.undecided);
    text_.begin("metlogd_session_lost_messages", Type::kGauge,
                "Messages of the sessions that lost most, by where they were lost.");
    for (const SessionLedger& session : sessions.worst) {
      add_session(session, "way", session.lost_on_way);
      add_session(session, "client", session.lost_by_clients());
    }
  }

  void add_session(const SessionLedger& session, std::string_view place, std::uint64_t count) {
    if (count == 0) return;
    text_.add(
        std::array{Exposition::Label{"session", session.session},
                   Exposition::Label{"program", session.program},
                   Exposition::Label{"host", session.hostname}, Exposition::Label{"place", place}},
        count);
  }

  const RouterStatus& status_;
  const RouterLedger& ledger_;
  std::map<std::string, InputCounts> inputs_;
  std::map<std::pair<std::string, std::string>, OutputLedger> outputs_;
  Exposition text_;
};

}  // namespace

std::string router_metrics(const RouterStatus& status, std::string_view version) {
  return RouterMetrics(status).write(version);
}

}  // namespace metlog
