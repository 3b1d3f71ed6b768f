#include "tools/metlog/tune/report/tune_json.h"

#include "metlog/internal/config/json_writer.h"
#include "tools/console/loss_text.h"
#include "tools/console/rounded.h"
#include "tools/metlog/tune/report/report_text.h"
#include "tools/metlog/tune/report/tune_table.h"

namespace metlog {
namespace {

ValueMap to_value(const Phase& phase) {
  ValueMap losses = loss_counts(phase.lost);
  if (phase.not_arrived != 0) losses.set("not_arrived", phase.not_arrived);
  return {{"status", name_of(phase.fault)},
          {"remark", phase.remark},
          {"emitted", phase.emitted},
          {"delivered", phase.delivered},
          {"lost", phase.lost.total() + phase.not_arrived},
          {"lost_by_reason", std::move(losses)},
          {"seconds", rounded(phase.seconds, 6)},
          {"per_second", phase.is_clean() ? Value(rounded(phase.per_second(), 1)) : Value()},
          {"cpu_s", rounded(phase.cpu_s, 6)},
          {"peak_rss_bytes", phase.peak_rss_bytes}};
}

Value to_value(const HostCost& cost) {
  if (!cost.is_known()) return {};
  return ValueMap{{"percent", rounded(cost.kept_percent, 2)},
                  {"error", rounded(cost.kept_error, 2)},
                  {"cpu_us_per_message", rounded(cost.cpu_us_per_message, 3)},
                  {"idle_cpu_percent", rounded(cost.idle_percent, 2)}};
}

ValueMap to_value(const Row& row) {
  return {{"axis", name_of(row.axis)},
          {"value", value_text(row.axis, row.setting)},
          {"status", name_of(row.fault())},
          {"remark", row.remark()},
          {"setting", to_value(row.setting)},
          {"throughput", to_value(row.throughput)},
          {"latency", to_value(row.latency)},
          {"units", to_value(row.units)},
          {"kept", to_value(row.cost)},
          {"burst_ns", to_value(row.burst)},
          {"single_ns", to_value(row.single)},
          {"empty_ns", rounded(row.empty_ns, 1)},
          {"core_to_core_ns", ValueList{rounded(row.before.ns, 1), rounded(row.after.ns, 1)}},
          {"regime", regime_of(row.before, row.after)}};
}

ValueList to_value(const std::vector<Row>& rows) {
  ValueList list;
  for (const Row& row : rows) list.push_back(to_value(row));
  return list;
}

Value spread_value(const std::vector<Row>& rows, const Figure& figure) {
  const std::vector<double> values = values_of(rows, figure.of);
  if (values.empty()) return {};
  const Spread spread = spread_of(values);
  return ValueMap{{"median", rounded(spread.median, 4)},
                  {"half_width", rounded(spread.half_width, 4)}};
}

ValueMap confirmation_value(const TuneResult& result) {
  const Confirmation& confirmation = result.confirmation;
  ValueList compared;
  for (const Figure& figure : figures()) {
    compared.push_back(ValueMap{{"name", figure.name},
                                {"unit", figure.unit},
                                {"defaults", spread_value(confirmation.defaults, figure)},
                                {"chosen", spread_value(confirmation.chosen, figure)}});
  }
  return {{"defaults", to_value(confirmation.defaults)},
          {"chosen", to_value(confirmation.chosen)},
          {"figures", std::move(compared)},
          {"regimes", confirmation.regimes()},
          {"gain", rounded(confirmation.gain(result.goal), 4)},
          {"holds", confirmation.holds(result.goal)}};
}

Value chosen_value(const TuneResult& result) {
  if (!result.has_choice) return {};
  return ValueMap{{"setting", to_value(result.chosen)},
                  {"url", example_url(result.chosen.transport)},
                  {"text", describe(result.chosen)},
                  {"code", chosen_code(result.chosen)},
                  {"ini", chosen_ini(result.chosen)},
                  {"config", chosen_config(result.chosen)},
                  {"only_in_code", only_in_code(result.chosen)}};
}

ValueMap machine_value(const TuneResult& result) {
  return {{"cpu", result.cpu}, {"processors", result.processors}, {"kernel", result.kernel}};
}

ValueList axes_value() {
  ValueList axes;
  for (auto axis = Axis::kTransport; axis != Axis::kConfirm;
       axis = static_cast<Axis>(static_cast<int>(axis) + 1)) {
    axes.push_back(ValueMap{{"name", name_of(axis)}, {"title", title_of(axis)}});
  }
  return axes;
}

ValueList remarks_value(const TuneResult& result) {
  const std::vector<std::string> remarks = search_remarks(result);
  return {remarks.begin(), remarks.end()};
}

}  // namespace

std::string to_json(const TuneResult& result) {
  const auto& shares = Percentiles::kShares;
  const ValueMap object{{"version", result.version},
                        {"date", result.date},
                        {"command", result.command},
                        {"goal", name_of(result.goal)},
                        {"goal_meaning", meaning_of(result.goal)},
                        {"rate", result.rate},
                        {"seconds", rounded(result.seconds, 3)},
                        {"phase_ms", result.phase_ms},
                        {"interrupted", result.is_interrupted},
                        {"skipped", result.skipped},
                        {"remarks", remarks_value(result)},
                        {"machine", machine_value(result)},
                        {"axes", axes_value()},
                        {"curve_shares", ValueList(shares.begin(), shares.end())},
                        {"rows", to_value(result.rows)},
                        {"confirmation", confirmation_value(result)},
                        {"defaults", to_value(result.defaults)},
                        {"chosen", chosen_value(result)},
                        {"reasons", ValueList(result.reasons.begin(), result.reasons.end())}};
  return to_json(object) + '\n';
}

}  // namespace metlog
