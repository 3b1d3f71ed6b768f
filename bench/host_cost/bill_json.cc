#include <utility>

#include "bench/host_cost/bill.h"
#include "metlog/internal/config/json_writer.h"
#include "tools/console/rounded.h"
#include "tools/metlog/tune/measure/machine.h"

namespace metlog {
namespace {

// Fine enough for shares of a microsecond in figures of seconds.
constexpr int kDecimals = 6;

/// A count is written as a whole number.
Value number(double value) {
  const auto whole = static_cast<std::int64_t>(value);
  if (static_cast<double>(whole) == value) return whole;
  return rounded(value, kDecimals);
}

ValueMap figure_value(const BillRow& row, const std::string& name) {
  const Spread spread = row.spread(name);
  ValueList rounds;
  for (const double value : row.values(name)) rounds.push_back(number(value));
  return {{"p10", number(spread.p10)},
          {"p50", number(spread.p50)},
          {"p90", number(spread.p90)},
          {"rounds", std::move(rounds)}};
}

ValueList threads_value(const BillRow& row) {
  ValueList list;
  for (const Measurement::Threads& threads : row.threads()) {
    ValueMap map{{"process", threads.process}, {"name", threads.name}};
    for (const auto& [name, value] : threads.figures) map.set(name, number(value));
    list.emplace_back(std::move(map));
  }
  return list;
}

ValueMap row_value(const CostCase& cost_case, const BillRow& row) {
  ValueMap figures;
  for (const std::string& name : row.figure_names()) figures.set(name, figure_value(row, name));
  return {{"workload", name_of(cost_case.workload)},
          {"case", cost_case.name},
          {"subject", row.subject},
          {"books", ValueMap{{"emitted", number(row.sum("emitted"))},
                             {"delivered", number(row.sum("delivered"))},
                             {"lost", number(row.sum("lost"))},
                             {"unaccounted", number(row.sum("unaccounted"))}}},
          {"figures", std::move(figures)},
          {"threads", threads_value(row)},
          {"errors", ValueList(row.errors.begin(), row.errors.end())}};
}

ValueMap machine_value() {
  const Machine machine = this_machine();
  return {{"cpu", machine.cpu}, {"processors", machine.processors}, {"kernel", machine.kernel}};
}

}  // namespace

std::string to_json(const std::vector<BillCase>& bill, const BillOrigin& origin) {
  ValueList rows;
  for (const BillCase& one : bill) {
    for (const BillRow& row : one.rows) rows.emplace_back(row_value(one.cost_case, row));
  }
  const ValueMap object{{"rounds", origin.rounds},
                        {"seconds", number(origin.seconds)},
                        {"steps_per_us", number(origin.steps_per_us)},
                        {"interrupted", origin.is_interrupted},
                        {"machine", machine_value()},
                        {"sound", is_sound(bill)},
                        {"rows", std::move(rows)}};
  return to_json(object) + '\n';
}

}  // namespace metlog
