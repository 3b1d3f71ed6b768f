#include "tools/metlog/tune/report/tune_json.h"

#include <fmt/format.h>

#include "metlog/internal/text/json_text.h"
#include "tools/metlog/tune/report/report_text.h"

namespace metlog {
namespace {

std::string quoted(std::string_view text) { return '"' + json_text(text) + '"'; }

template <class T, class F>
std::string list(const std::vector<T>& values, F text_of) {
  std::string text;
  for (const T& value : values) {
    if (!text.empty()) text += ',';
    text += text_of(value);
  }
  return '[' + text + ']';
}

std::string losses(const Phase& phase) {
  std::string text;
  const auto add = [&text](std::string_view name, std::uint64_t count) {
    if (count == 0) return;
    text += fmt::format("{}\"{}\":{}", text.empty() ? "" : ",", name, count);
  };
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    add(name_of(static_cast<LossReason>(i)), phase.lost.by_reason[i]);
  }
  add("not_arrived", phase.not_arrived);
  return '{' + text + '}';
}

/// Figures that would mean nothing are null.
std::string to_json(const Phase& phase) {
  return fmt::format(
      "{{\"status\":\"{}\",\"remark\":{},\"emitted\":{},\"delivered\":{},\"lost\":{},"
      "\"lost_by_reason\":{},\"seconds\":{:.6f},\"per_second\":{},\"cpu_s\":{:.6f},"
      "\"peak_rss_bytes\":{}}}",
      name_of(phase.fault), quoted(phase.remark), phase.emitted, phase.delivered,
      phase.lost.total() + phase.not_arrived, losses(phase), phase.seconds,
      phase.is_clean() ? fmt::format("{:.1f}", phase.per_second()) : "null", phase.cpu_s,
      phase.peak_rss_bytes);
}

std::string confirmation_json(const TuneResult& result) {
  const Confirmation& confirmation = result.confirmation;
  const auto row_text = [](const Row& row) { return to_json(row); };
  return fmt::format("{{\"defaults\":{},\"chosen\":{},\"gain\":{:.4f},\"holds\":{}}}",
                     list(confirmation.defaults, row_text), list(confirmation.chosen, row_text),
                     confirmation.gain(result.goal), confirmation.holds(result.goal));
}

std::string chosen_json(const TuneResult& result) {
  if (!result.has_choice) return "null";
  return fmt::format("{{\"setting\":{},\"url\":{},\"code\":{}}}", to_json(result.chosen),
                     quoted(example_url(result.chosen.transport)),
                     quoted(chosen_code(result.chosen)));
}

}  // namespace

std::string to_json(const Row& row) {
  return fmt::format(
      "{{\"axis\":\"{}\",\"value\":{},\"status\":\"{}\",\"remark\":{},\"setting\":{},"
      "\"throughput\":{},\"latency\":{},\"burst_ns\":{},\"single_ns\":{},\"empty_ns\":{:.1f},"
      "\"core_to_core_ns\":[{:.1f},{:.1f}],\"regime\":\"{}\"}}",
      name_of(row.axis), quoted(value_text(row.axis, row.setting)), name_of(row.fault()),
      quoted(row.remark()), to_json(row.setting), to_json(row.throughput), to_json(row.latency),
      to_json(row.burst), to_json(row.single), row.empty_ns, row.before.ns, row.after.ns,
      regime_of(row.before, row.after));
}

std::string to_json(const TuneResult& result) {
  std::string shares;
  for (const double share : Percentiles::kShares) {
    shares += fmt::format("{}{}", shares.empty() ? "" : ",", share);
  }
  return fmt::format(
      "{{\"command\":{},\"goal\":\"{}\",\"seconds\":{:.3f},\"phase_ms\":{},\"interrupted\":{},"
      "\"skipped\":{},\"machine\":{{\"cpu\":{},\"processors\":{},\"kernel\":{}}},"
      "\"curve_shares\":[{}],\"rows\":{},\"confirmation\":{},\"defaults\":{},\"chosen\":{},"
      "\"reasons\":{}}}\n",
      quoted(result.command), name_of(result.goal), result.seconds, result.phase_ms,
      result.is_interrupted, result.skipped, quoted(result.cpu), result.processors,
      quoted(result.kernel), shares, list(result.rows, [](const Row& row) { return to_json(row); }),
      confirmation_json(result), to_json(result.defaults), chosen_json(result),
      list(result.reasons, [](const std::string& reason) { return quoted(reason); }));
}

}  // namespace metlog
