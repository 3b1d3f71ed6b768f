#include "tools/router/router_ledger.h"

#include <fmt/format.h>

#include <iterator>
#include <numeric>
#include <utility>

#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/text/timestamp_text.h"
#include "tools/console/escape_for_terminal.h"
#include "tools/console/loss_text.h"

namespace metlog {
namespace {

/// The sum of one count over all inputs.
std::uint64_t sum_of(const std::vector<InputLedger>& inputs, std::uint64_t InputCounts::*count) {
  std::uint64_t sum = 0;
  for (const InputLedger& input : inputs) sum += input.counts.*count;
  return sum;
}

}  // namespace

std::uint64_t RouterLedger::received_frames() const { return sum_of(inputs, &InputCounts::frames); }

std::uint64_t RouterLedger::kernel_drops() const {
  return sum_of(inputs, &InputCounts::kernel_drops);
}

std::uint64_t RouterLedger::handshakes() const { return sum_of(inputs, &InputCounts::handshakes); }

std::uint64_t RouterLedger::rejected_total() const {
  return std::accumulate(rejected.begin(), rejected.end(), std::uint64_t{0});
}

std::uint64_t RouterLedger::lost_total() const {
  std::uint64_t sum = 0;
  for (const OutputLedger& output : outputs) sum += output.lost.total();
  return sum;
}

std::uint64_t RouterLedger::unexplained() const {
  std::uint64_t sum =
      imbalance(received_frames(), {frames.plain, frames.batched, frames.damaged_total()});
  sum += imbalance(messages(), {accepted, rejected_total()});
  for (const OutputLedger& output : outputs) {
    sum += imbalance(accepted, {output.not_there, output.not_matched, output.routed});
    sum += imbalance(output.routed, {output.written, output.lost.total(), output.pending});
  }
  return sum;
}

namespace {

void add_line(std::string& text, std::string_view name, std::uint64_t count) {
  fmt::format_to(std::back_inserter(text), "  {:<22}{:>15}\n", name, grouped(count));
}

/// Adds a line for each reason with a count, their names indented.
template <class Reason, std::size_t kCount>
void add_reasons(std::string& text, std::string_view indent,
                 const std::array<std::uint64_t, kCount>& counts) {
  each_count<Reason>(counts, [&](std::string_view reason, std::uint64_t count) {
    add_line(text, fmt::format("{}{}", indent, reason), count);
  });
}

void add_output(std::string& text, const OutputLedger& output) {
  text += fmt::format(" {}{}{}\n", output.name.empty() ? "" : output.name + "  ",
                      escape_for_terminal(output.url), output.is_removed ? "  (removed)" : "");
  add_line(text, "  routed", output.routed);
  add_line(text, "  written", output.written);
  if (output.acknowledged != 0) add_line(text, "    acknowledged", output.acknowledged);
  add_line(text, "  lost", output.lost.total());
  add_reasons<LossReason>(text, "    ", output.lost.by_reason);
  const DeliveryCounts& delivery = output.delivery;
  if (delivery.dead_lettered != 0) add_line(text, "    dead letters", delivery.dead_lettered);
  if (delivery.dead_letters_failed != 0) {
    add_line(text, "    not in that file", delivery.dead_letters_failed);
  }
  if (delivery.unanswered != 0) {
    add_line(text, "    may have arrived", delivery.unanswered);
  }
  if (output.pending != 0) add_line(text, "  pending", output.pending);
  if (delivery.in_flight != 0) add_line(text, "    in flight", delivery.in_flight);
  if (delivery.retried != 0) add_line(text, "  sent again", delivery.retried);
  if (output.not_matched != 0) add_line(text, "  not for it", output.not_matched);
  if (output.not_there != 0) add_line(text, "  without it", output.not_there);
}

/// Adds nothing unless batched frames arrived: only they are numbered.
void add_frames(std::string& text, const RouterLedger& ledger) {
  const FrameCounts& frames = ledger.frames;
  if (frames.batched == 0 && frames.damaged_total() == 0) return;
  add_line(text, "frames", ledger.received_frames());
  add_line(text, "  plain", frames.plain);
  add_line(text, "  batched", frames.batched);
  add_line(text, "  damaged", frames.damaged_total());
  add_reasons<FrameDamage>(text, "    ", frames.damaged);
  const SequenceCounts& sequence = ledger.sequence;
  add_line(text, "missing between frames", sequence.missing - sequence.missing_at_start);
  if (sequence.missing_at_start != 0) {
    add_line(text, "missing at the start", sequence.missing_at_start);
    text += "    before this router's first message of a stream: sent earlier, or lost\n";
  }
  if (sequence.unknown_at_start != 0) {
    add_line(text, "unknown at the start", sequence.unknown_at_start);
    text += "    of streams that are new, or came again after they were forgotten\n";
  }
  if (sequence.late_frames != 0) add_line(text, "late frames", sequence.late_frames);
  for (const SequenceStream& stream : ledger.worst_streams) {
    text += fmt::format("  {} stream {}: missing {}", stream.session, stream.number,
                        grouped(stream.missing));
    if (stream.missing_at_start != 0) {
      text += fmt::format(" ({} at the start)", grouped(stream.missing_at_start));
    }
    text += fmt::format(", late frames {}\n", grouped(stream.late_frames));
  }
  add_line(text, "streams", sequence.streams);
  if (sequence.forgotten != 0) add_line(text, "  forgotten", sequence.forgotten);
}

/// Adds nothing unless an input has connections.
void add_connections(std::string& text, const std::vector<InputLedger>& inputs) {
  const std::uint64_t refused = sum_of(inputs, &InputCounts::refused_connections);
  const std::uint64_t accepted = sum_of(inputs, &InputCounts::connections);
  if (accepted + refused == 0) return;
  add_line(text, "connections", accepted);
  if (refused != 0) add_line(text, "  refused", refused);
  const std::uint64_t cut = sum_of(inputs, &InputCounts::cut_lines);
  if (cut != 0) add_line(text, "  lines cut", cut);
}

/// Adds nothing unless a client reported a loss.
void add_client_losses(std::string& text, const ClientLossCounts& losses) {
  if (losses.clients == 0) return;
  add_line(text, "lost by clients", losses.lost);
  add_reasons<LossReason>(text, "  ", losses.lost_by_reason.by_reason);
  if (losses.unreported == 0) return;
  add_line(text, "  unreported", losses.unreported);
  text += "    in the clients' totals only: the messages that report them have not arrived\n";
}

}  // namespace

std::string to_text(const RouterLedger& ledger) {
  std::string text = "ledger\n";
  add_line(text, "received", ledger.messages());
  add_line(text, "accepted", ledger.accepted);
  if (ledger.engine_messages != 0) add_line(text, "  of the engine", ledger.engine_messages);
  add_reasons<Repair>(text, "  repaired ", ledger.repaired);
  add_line(text, "rejected", ledger.rejected_total());
  add_reasons<RejectReason>(text, "  ", ledger.rejected);
  if (ledger.refused_input.kept != 0) add_line(text, "dead letters", ledger.refused_input.kept);
  if (ledger.refused_input.not_kept != 0) {
    add_line(text, "  not in that file", ledger.refused_input.not_kept);
  }
  add_line(text, "kernel drops", ledger.kernel_drops());
  if (ledger.handshakes() != 0) add_line(text, "handshakes", ledger.handshakes());
  if (const std::uint64_t refused = sum_of(ledger.inputs, &InputCounts::refused_clients)) {
    add_line(text, "refused clients", refused);
  }
  add_connections(text, ledger.inputs);
  add_client_losses(text, ledger.client_losses);
  text += to_text(ledger.sessions);
  add_frames(text, ledger);
  for (const OutputLedger& output : ledger.outputs) add_output(text, output);
  if (ledger.reloads != 0) add_line(text, "reloads", ledger.reloads);
  if (ledger.refused_reloads != 0) add_line(text, "refused reloads", ledger.refused_reloads);
  add_line(text, "unexplained", ledger.unexplained());
  return text;
}

namespace {

ValueMap to_value(const FrameCounts& frames, std::uint64_t received) {
  return {{"received", received},
          {"plain", frames.plain},
          {"batched", frames.batched},
          {"lines", frames.lines},
          {"damaged", frames.damaged_total()},
          {"damaged_by_reason", counts_value<FrameDamage>(frames.damaged)}};
}

ValueMap to_value(const SequenceStream& stream) {
  return {{"session", stream.session},
          {"stream", stream.number},
          {"messages", stream.messages},
          {"missing", stream.missing},
          {"missing_at_start", stream.missing_at_start},
          {"late_frames", stream.late_frames}};
}

ValueMap to_value(const ClientLossCounts& losses) {
  return {{"clients", losses.clients},
          {"forgotten", losses.forgotten},
          {"lost", losses.lost},
          {"lost_by_reason", loss_counts(losses.lost_by_reason)},
          {"unreported", losses.unreported}};
}

ValueMap to_value(const InputLedger& input) {
  const InputCounts& counts = input.counts;
  ValueMap map = {{"endpoint", input.endpoint},  {"frames", counts.frames},
                  {"removed", input.is_removed}, {"kernel_drops", counts.kernel_drops},
                  {"errors", counts.errors},     {"handshakes", counts.handshakes}};
  if (counts.metrics != 0 || counts.bad_metrics != 0) {
    map.set("metrics", counts.metrics);
    map.set("bad_metrics", counts.bad_metrics);
  }
  if (counts.refused_clients != 0) map.set("refused_clients", counts.refused_clients);
  if (counts.connections != 0 || counts.refused_connections != 0) {
    map.set("connections", counts.connections);
    map.set("open_connections", counts.open_connections);
    map.set("refused_connections", counts.refused_connections);
    map.set("cut_lines", counts.cut_lines);
  }
  return map;
}

ValueMap to_value(const OutputLedger& output) {
  ValueMap map = {{"name", output.name},
                  {"url", output.url},
                  {"removed", output.is_removed},
                  {"not_there", output.not_there},
                  {"not_matched", output.not_matched},
                  {"routed", output.routed},
                  {"written", output.written},
                  {"lost", output.lost.total()},
                  {"lost_by_reason", loss_counts(output.lost)},
                  {"pending", output.pending},
                  {"acknowledged", output.acknowledged},
                  {"handed_over", output.written - output.acknowledged},
                  {"in_flight", output.delivery.in_flight},
                  {"retried", output.delivery.retried},
                  {"unanswered", output.delivery.unanswered},
                  {"dead_lettered", output.delivery.dead_lettered},
                  {"dead_letters_failed", output.delivery.dead_letters_failed},
                  {"queue_bytes", output.queue_bytes},
                  {"queue_limit_bytes", output.queue_limit_bytes}};
  if (output.last_error.utc_ns != 0) {
    map.set("last_error", output.last_error.text);
    map.set("last_error_time", utc_text(output.last_error.utc_ns));
  }
  return map;
}

template <class T>
ValueList to_values(const std::vector<T>& elements) {
  ValueList list;
  for (const T& element : elements) list.emplace_back(to_value(element));
  return list;
}

ValueMap to_value(const SequenceCounts& sequence, const std::vector<SequenceStream>& worst) {
  return {{"streams", sequence.streams},
          {"forgotten", sequence.forgotten},
          {"missing", sequence.missing},
          {"missing_at_start", sequence.missing_at_start},
          {"unknown_at_start", sequence.unknown_at_start},
          {"late_frames", sequence.late_frames},
          {"late_messages", sequence.late_messages},
          {"worst", to_values(worst)}};
}

}  // namespace

std::string utc_text(std::int64_t utc_ns) {
  char text[TimestampText::kBytes];
  return {text, TimestampText().append(text, utc_ns)};
}

ValueMap to_value(const RouterLedger& ledger) {
  return {
      {"received", ledger.messages()},
      {"accepted", ledger.accepted},
      {"engine_messages", ledger.engine_messages},
      {"repaired", counts_value<Repair>(ledger.repaired)},
      {"rejected", ledger.rejected_total()},
      {"rejected_by_reason", counts_value<RejectReason>(ledger.rejected)},
      {"dead_lettered", ledger.refused_input.kept},
      {"dead_letters_failed", ledger.refused_input.not_kept},
      {"kernel_drops", ledger.kernel_drops()},
      {"lost", ledger.lost_total()},
      {"unexplained", ledger.unexplained()},
      {"client_losses", to_value(ledger.client_losses)},
      {"sessions", to_value(ledger.sessions)},
      {"frames", to_value(ledger.frames, ledger.received_frames())},
      {"sequence", to_value(ledger.sequence, ledger.worst_streams)},
      {"reloads", ledger.reloads},
      {"refused_reloads", ledger.refused_reloads},
      {"inputs", to_values(ledger.inputs)},
      {"outputs", to_values(ledger.outputs)},
  };
}

std::string to_json(const RouterLedger& ledger) { return to_json(to_value(ledger)) + '\n'; }

}  // namespace metlog
