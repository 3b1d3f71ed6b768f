#include "tools/router/router_ledger.h"

#include <fmt/format.h>

#include <iterator>
#include <numeric>

#include "metlog/internal/text/json_text.h"
#include "tools/console/escape_for_terminal.h"

namespace metlog {
namespace {

std::uint64_t distance(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

}  // namespace

std::uint64_t RouterLedger::received_frames() const {
  std::uint64_t sum = 0;
  for (const InputLedger& input : inputs) sum += input.counts.frames;
  return sum;
}

std::uint64_t RouterLedger::kernel_drops() const {
  std::uint64_t sum = 0;
  for (const InputLedger& input : inputs) sum += input.counts.kernel_drops;
  return sum;
}

std::uint64_t RouterLedger::handshakes() const {
  std::uint64_t sum = 0;
  for (const InputLedger& input : inputs) sum += input.counts.handshakes;
  return sum;
}

std::uint64_t RouterLedger::rejected_total() const {
  return std::accumulate(rejected.begin(), rejected.end(), std::uint64_t{0});
}

std::uint64_t RouterLedger::lost_total() const {
  std::uint64_t sum = 0;
  for (const OutputLedger& output : outputs) sum += output.lost_total();
  return sum;
}

std::uint64_t RouterLedger::unexplained() const {
  std::uint64_t sum =
      distance(received_frames(), frames.plain + frames.batched + frames.damaged_total());
  sum += distance(messages(), accepted + rejected_total());
  for (const OutputLedger& output : outputs) {
    sum += distance(accepted, output.not_matched + output.routed);
    sum += distance(output.routed, output.written + output.lost_total() + output.pending);
  }
  return sum;
}

namespace {

using Out = std::back_insert_iterator<std::string>;

/// Calls `f(name, count)` for each reason of the output's losses that is not zero.
template <class F>
void each_loss(const OutputLedger& output, F f) {
  if (output.queue_full != 0) f("queue_full", output.queue_full);
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    const auto reason = static_cast<LossReason>(i);
    if (output.lost[reason] != 0) f(name_of(reason), output.lost[reason]);
  }
}

template <class F>
void each_rejection(const RouterLedger& ledger, F f) {
  for (std::size_t i = 0; i < kRejectReasonCount; ++i) {
    if (ledger.rejected[i] != 0) f(name_of(static_cast<RejectReason>(i)), ledger.rejected[i]);
  }
}

template <class F>
void each_damage(const RouterLedger& ledger, F f) {
  for (std::size_t i = 0; i < kFrameDamageCount; ++i) {
    const std::uint64_t count = ledger.frames.damaged[i];
    if (count != 0) f(name_of(static_cast<FrameDamage>(i)), count);
  }
}

void line(std::string& text, std::string_view name, std::uint64_t count) {
  fmt::format_to(Out(text), "  {:<22}{:>15}\n", name, grouped(count));
}

void output_text(std::string& text, const OutputLedger& output) {
  fmt::format_to(Out(text), " {}\n", escape_for_terminal(output.url));
  line(text, "  routed", output.routed);
  line(text, "  written", output.written);
  line(text, "  lost", output.lost_total());
  each_loss(output, [&text](std::string_view reason, std::uint64_t count) {
    line(text, fmt::format("    {}", reason), count);
  });
  if (output.pending != 0) line(text, "  pending", output.pending);
  if (output.not_matched != 0) line(text, "  not for it", output.not_matched);
}

/// What batched frames tell; nothing where there was none.
void frames_text(std::string& text, const RouterLedger& ledger) {
  const FrameCounts& frames = ledger.frames;
  if (frames.batched == 0 && frames.damaged_total() == 0) return;
  line(text, "frames", ledger.received_frames());
  line(text, "  plain", frames.plain);
  line(text, "  batched", frames.batched);
  line(text, "  damaged", frames.damaged_total());
  each_damage(ledger, [&text](std::string_view damage, std::uint64_t count) {
    line(text, fmt::format("    {}", damage), count);
  });
  line(text, "missing between frames", ledger.sequence.missing);
  if (ledger.sequence.late_frames != 0) line(text, "late frames", ledger.sequence.late_frames);
  for (const SequenceLane& lane : ledger.worst_lanes) {
    fmt::format_to(Out(text), "  {} lane {}: missing {}, late frames {}\n", lane.session, lane.lane,
                   grouped(lane.missing), grouped(lane.late_frames));
  }
  line(text, "lanes", ledger.sequence.lanes);
  if (ledger.sequence.forgotten != 0) line(text, "  forgotten", ledger.sequence.forgotten);
}

/// {"name":count,...} of what `each` calls back with.
template <class Each>
std::string json_counts(Each each) {
  std::string text = "{";
  each([&text](std::string_view name, std::uint64_t count) {
    fmt::format_to(Out(text), "{}\"{}\":{}", text.size() == 1 ? "" : ",", name, count);
  });
  return text + "}";
}

std::string input_json(const InputLedger& input) {
  return fmt::format(
      "{{\"endpoint\":\"{}\",\"frames\":{},\"kernel_drops\":{},\"errors\":{},\"handshakes\":{}}}",
      json_text(input.endpoint), input.counts.frames, input.counts.kernel_drops,
      input.counts.errors, input.counts.handshakes);
}

std::string output_json(const OutputLedger& output) {
  return fmt::format(
      "{{\"url\":\"{}\",\"not_matched\":{},\"routed\":{},\"written\":{},\"lost\":{},"
      "\"lost_by_reason\":{},\"pending\":{}}}",
      json_text(output.url), output.not_matched, output.routed, output.written, output.lost_total(),
      json_counts([&output](auto f) { each_loss(output, f); }), output.pending);
}

std::string lane_json(const SequenceLane& lane) {
  return fmt::format(
      "{{\"session\":\"{}\",\"lane\":{},\"messages\":{},\"missing\":{},\"late_frames\":{}}}",
      lane.session, lane.lane, lane.messages, lane.missing, lane.late_frames);
}

/// The elements of a JSON array.
template <class T>
std::string json_elements(const std::vector<T>& elements, std::string (*to_element)(const T&)) {
  std::string text;
  for (const T& element : elements) {
    if (!text.empty()) text += ',';
    text += to_element(element);
  }
  return text;
}

std::string frames_json(const RouterLedger& ledger) {
  const FrameCounts& frames = ledger.frames;
  return fmt::format(
      "{{\"received\":{},\"plain\":{},\"batched\":{},\"lines\":{},\"damaged\":{},"
      "\"damaged_by_reason\":{}}}",
      ledger.received_frames(), frames.plain, frames.batched, frames.lines, frames.damaged_total(),
      json_counts([&ledger](auto f) { each_damage(ledger, f); }));
}

std::string sequence_json(const RouterLedger& ledger) {
  const SequenceCounts& sequence = ledger.sequence;
  return fmt::format(
      "{{\"lanes\":{},\"forgotten\":{},\"missing\":{},\"late_frames\":{},\"late_messages\":{},"
      "\"worst\":[{}]}}",
      sequence.lanes, sequence.forgotten, sequence.missing, sequence.late_frames,
      sequence.late_messages, json_elements(ledger.worst_lanes, lane_json));
}

}  // namespace

std::string to_text(const RouterLedger& ledger) {
  std::string text = "ledger\n";
  line(text, "received", ledger.messages());
  line(text, "accepted", ledger.accepted);
  if (ledger.engine_messages != 0) line(text, "  of the engine", ledger.engine_messages);
  line(text, "rejected", ledger.rejected_total());
  each_rejection(ledger, [&text](std::string_view reason, std::uint64_t count) {
    line(text, fmt::format("  {}", reason), count);
  });
  line(text, "kernel drops", ledger.kernel_drops());
  if (ledger.handshakes() != 0) line(text, "handshakes", ledger.handshakes());
  frames_text(text, ledger);
  for (const OutputLedger& output : ledger.outputs) output_text(text, output);
  line(text, "unexplained", ledger.unexplained());
  return text;
}

std::string to_json(const RouterLedger& ledger) {
  return fmt::format(
      "{{\"received\":{},\"accepted\":{},\"engine_messages\":{},\"rejected\":{},"
      "\"rejected_by_reason\":{},\"kernel_drops\":{},\"lost\":{},\"unexplained\":{},"
      "\"frames\":{},\"sequence\":{},\"inputs\":[{}],\"outputs\":[{}]}}\n",
      ledger.messages(), ledger.accepted, ledger.engine_messages, ledger.rejected_total(),
      json_counts([&ledger](auto f) { each_rejection(ledger, f); }), ledger.kernel_drops(),
      ledger.lost_total(), ledger.unexplained(), frames_json(ledger), sequence_json(ledger),
      json_elements(ledger.inputs, input_json), json_elements(ledger.outputs, output_json));
}

}  // namespace metlog
