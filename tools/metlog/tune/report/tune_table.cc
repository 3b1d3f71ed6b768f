#include "tools/metlog/tune/report/tune_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "metlog/internal/config/json_writer.h"
#include "tools/console/escape_for_terminal.h"
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
                  ? "the defaults again, median and half the distance of the quartiles"
                  : "confirmation: in turn, median and half the distance of the quartiles",
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
      "",           "kept", "CPU/message", "idle CPU", "delivered/s", "burst p50", "p99",   "p99.9",
      "single p50", "p99",  "p99.9",       "max",      "memory",      "cores",     "remark"};
  return kHeadings;
}

std::vector<std::string> cells_of(const Row& row) {
  std::vector<std::string> cells = {value_text(row.axis, row.setting)};
  const bool has_rate = row.throughput.is_clean();
  const bool has_times = row.latency.is_clean() && row.single.samples != 0;
  const bool has_cost = row.units.is_clean() && row.cost.is_known();
  cells.push_back(has_cost ? fmt::format("{:.1f} %", row.cost.kept_percent) : "-");
  cells.push_back(has_cost ? fmt::format("{:.2f} us", row.cost.cpu_us_per_message) : "-");
  cells.push_back(has_cost ? fmt::format("{:.1f} %", row.cost.idle_percent) : "-");
  cells.push_back(has_rate ? count_text(row.throughput.per_second()) : "-");
  const auto add_time = [&](double ns) {
    cells.push_back(has_times && ns >= 0 ? time_text(ns) : "-");
  };
  for (const double ns : {row.burst.p50(), row.burst.p99(), row.burst.p999()}) {
    add_time(ns);
  }
  for (const double ns :
       {row.single.p50(), row.single.p99(), row.single.p999(), row.single.max()}) {
    add_time(ns);
  }
  cells.push_back(has_rate ? memory_text(row.throughput.peak_rss_bytes) : "-");
  cells.emplace_back(regime_of(row.before, row.after));
  std::string remark = row.throughput.remark;
  const auto add_remark = [&](std::string_view what, const Phase& phase) {
    if (phase.is_clean() || phase.remark == row.throughput.remark) return;
    remark += fmt::format("{}{}: {}", remark.empty() ? "" : "; ", what, phase.remark);
  };
  add_remark("infrequent calls", row.latency);
  add_remark("busy workers", row.units);
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

std::vector<std::string> search_remarks(const TuneResult& result) {
  std::vector<std::string> remarks;
  if (result.is_interrupted) {
    remarks.emplace_back("Interrupted: this is what was measured so far.");
  } else if (result.skipped != 0) {
    remarks.push_back(fmt::format(
        "{} points were left out, as there was no time for them; use a longer --budget.",
        result.skipped));
  }
  if (result.has_choice && result.confirmation.defaults.empty()) {
    remarks.emplace_back(
        "The choice was not confirmed: there was no time left to compare it with the defaults.");
  }
  return remarks;
}

std::string to_text(const TuneResult& result, bool coloured) {
  std::string text =
      fmt::format("metlog {}, {}\n{}, {} processor{}, {}\n", result.version, result.date,
                  result.cpu, result.processors, result.processors == 1 ? "" : "s", result.kernel);
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
  for (const std::string& remark : search_remarks(result)) text += remark + '\n';
  return text + "\nC++:\n" + chosen_code(result.chosen) + "\nINI:\n" + chosen_ini(result.chosen) +
         "\nJSON:\n" + to_readable_json(chosen_config(result.chosen)) + '\n';
}

}  // namespace metlog
