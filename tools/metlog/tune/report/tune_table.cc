#include "tools/metlog/tune/report/tune_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/text/json_text.h"
#include "tools/console/escape_for_terminal.h"
#include "tools/console/loss_text.h"
#include "tools/metlog/tune/report/report_text.h"

namespace metlog {
namespace {

using Lines = std::vector<std::vector<std::string>>;

std::string heading(std::string_view text, bool coloured) {
  return fmt::format("\n{}{}{}\n", coloured ? "\x1b[1m" : "", text, coloured ? "\x1b[0m" : "");
}

std::string sweep_text(const std::vector<Row>& rows, Axis axis, bool coloured) {
  Lines lines{row_headings()};
  lines.front().front() = std::string(name_of(axis));
  for (const Row& row : rows) {
    if (row.axis == axis) lines.push_back(cells_of(row));
  }
  if (lines.size() == 1) return "";
  return heading(title_of(axis), coloured) + aligned(lines);
}

std::string spread_text(const std::vector<Row>& rows, const Figure& figure) {
  const std::vector<double> values = values_of(rows, figure.of);
  if (values.empty()) return "-";
  const Spread spread = spread_of(values);
  if (figure.unit == "ns") {
    return time_text(spread.median) + " +- " + time_text(spread.half_width);
  }
  if (figure.unit == "/s") {
    return count_text(spread.median) + "/s +- " + count_text(spread.half_width);
  }
  return fmt::format("{:.3g} {} +- {:.2g}", spread.median, figure.unit, spread.half_width);
}

std::string confirmation_text(const TuneResult& result, bool coloured) {
  const Confirmation& confirmation = result.confirmation;
  if (confirmation.defaults.empty()) return "";
  const std::string text =
      heading(confirmation.chosen.empty()
                  ? "the defaults again, median and half the quartiles' distance"
                  : "confirmation: by turns, median and half the quartiles' distance",
              coloured);
  return text + aligned(confirmation_lines(result)) + "cores: " + confirmation.regimes() + '\n';
}

}  // namespace

std::vector<std::vector<std::string>> confirmation_lines(const TuneResult& result) {
  const Confirmation& confirmation = result.confirmation;
  const bool differs = !confirmation.chosen.empty();
  Lines lines{{"", "defaults"}};
  if (differs) lines.front().emplace_back("choice");
  for (const Figure& figure : figures()) {
    lines.push_back({std::string(figure.name), spread_text(confirmation.defaults, figure)});
    if (differs) lines.back().push_back(spread_text(confirmation.chosen, figure));
  }
  const auto is_clean = [](const Row& row) { return row.is_clean(); };
  const auto count_clean = [&](const std::vector<Row>& rows) {
    return fmt::format("{} of {}", std::count_if(rows.begin(), rows.end(), is_clean), rows.size());
  };
  lines.push_back({"clean rounds", count_clean(confirmation.defaults)});
  if (differs) lines.back().push_back(count_clean(confirmation.chosen));
  return lines;
}

const std::vector<std::string>& row_headings() {
  static const std::vector<std::string> kHeadings = {
      "",    "delivered/s", "burst p50", "p90",         "p99",    "p99.9", "single p50", "p90",
      "p99", "p99.9",       "max",       "CPU/message", "memory", "cores", "remark"};
  return kHeadings;
}

std::vector<std::string> cells_of(const Row& row) {
  std::vector<std::string> cells = {value_text(row.axis, row.setting)};
  const bool has_rate = row.throughput.is_clean();
  const bool has_times = row.latency.is_clean() && row.single.samples != 0;
  cells.push_back(has_rate ? count_text(row.throughput.per_second()) : "-");
  const auto add_time = [&](double ns) {
    cells.push_back(has_times && ns >= 0 ? time_text(ns) : "-");
  };
  for (const double ns : {row.burst.p50(), row.burst.p90(), row.burst.p99(), row.burst.p999()}) {
    add_time(ns);
  }
  for (const double ns : {row.single.p50(), row.single.p90(), row.single.p99(), row.single.p999(),
                          row.single.max()}) {
    add_time(ns);
  }
  cells.push_back(has_rate ? fmt::format("{:.2f} us", row.throughput.cpu_us_per_message()) : "-");
  cells.push_back(has_rate ? memory_text(row.throughput.peak_rss_bytes) : "-");
  cells.emplace_back(regime_of(row.before, row.after));
  std::string remark = row.throughput.remark;
  if (!row.latency.is_clean() && row.latency.remark != remark) {
    remark += (remark.empty() ? "seldom calls: " : "; seldom calls: ") + row.latency.remark;
  }
  cells.push_back(escape_for_terminal(remark));
  return cells;
}

std::string aligned(const Lines& lines) {
  std::vector<std::size_t> widths;
  for (const std::vector<std::string>& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(line[i]));
    }
  }
  std::string text;
  for (const std::vector<std::string>& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string gap(widths[i] - width_of(line[i]), ' ');
      const bool is_left = i == 0 || (i + 1 == widths.size() && widths.size() > 3);
      row += i == 0 ? "" : "  ";
      row += is_left ? line[i] + gap : gap + line[i];
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + '\n';
  }
  return text;
}

std::string search_remarks(const TuneResult& result) {
  std::string text;
  if (result.is_interrupted) text += "Interrupted: this is what was measured so far.\n";
  if (result.skipped != 0 && !result.is_interrupted) {
    text += fmt::format("{} points were left out for want of time; give it a longer --budget.\n",
                        result.skipped);
  }
  if (result.has_choice && result.confirmation.defaults.empty()) {
    text += "The choice was not confirmed: no time was left to compare it with the defaults.\n";
  }
  return text;
}

std::string to_text(const TuneResult& result, bool coloured) {
  std::string text = fmt::format("{}, {} processor{}, {}\n", result.cpu, result.processors,
                                 result.processors == 1 ? "" : "s", result.kernel);
  text += fmt::format("each phase {} ms; {:.1f} s in all\n", result.phase_ms, result.seconds);
  for (auto axis = Axis::kTransport; axis != Axis::kConfirm;
       axis = static_cast<Axis>(static_cast<int>(axis) + 1)) {
    text += sweep_text(result.rows, axis, coloured);
  }
  text += confirmation_text(result, coloured);
  if (!result.has_choice) return text + "\nNo row was clean: nothing can be recommended.\n";
  text += heading(fmt::format("chosen for {}: {}", name_of(result.goal), describe(result.chosen)),
                  coloured);
  text += fmt::format("the goal: {}\n", meaning_of(result.goal));
  for (const std::string& reason : result.reasons) text += "  " + reason + '\n';
  const std::string remarks = search_remarks(result);
  return text + remarks + '\n' + chosen_code(result.chosen);
}

namespace {

std::string quote(std::string_view text) { return '"' + json_text(text) + '"'; }

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
  ValueMap counts = loss_counts(phase.lost);
  if (phase.not_arrived != 0) counts.set("not_arrived", phase.not_arrived);
  return to_json(counts);
}

/// Figures that would mean nothing are null.
std::string to_json(const Phase& phase) {
  return fmt::format(
      "{{\"status\":\"{}\",\"remark\":{},\"emitted\":{},\"delivered\":{},\"lost\":{},"
      "\"lost_by_reason\":{},\"seconds\":{:.6f},\"per_second\":{},\"cpu_s\":{:.6f},"
      "\"peak_rss_bytes\":{}}}",
      name_of(phase.fault), quote(phase.remark), phase.emitted, phase.delivered,
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
                     quote(example_url(result.chosen.transport)),
                     quote(chosen_code(result.chosen)));
}

}  // namespace

std::string to_json(const Row& row) {
  return fmt::format(
      "{{\"axis\":\"{}\",\"value\":{},\"status\":\"{}\",\"remark\":{},\"setting\":{},"
      "\"throughput\":{},\"latency\":{},\"burst_ns\":{},\"single_ns\":{},\"empty_ns\":{:.1f},"
      "\"core_to_core_ns\":[{:.1f},{:.1f}],\"regime\":\"{}\"}}",
      name_of(row.axis), quote(value_text(row.axis, row.setting)), name_of(row.fault()),
      quote(row.remark()), to_json(row.setting), to_json(row.throughput), to_json(row.latency),
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
      quote(result.command), name_of(result.goal), result.seconds, result.phase_ms,
      result.is_interrupted, result.skipped, quote(result.cpu), result.processors,
      quote(result.kernel), shares, list(result.rows, [](const Row& row) { return to_json(row); }),
      confirmation_json(result), to_json(result.defaults), chosen_json(result),
      list(result.reasons, [](const std::string& reason) { return quote(reason); }));
}

}  // namespace metlog
