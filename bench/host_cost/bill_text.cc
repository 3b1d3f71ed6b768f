#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "bench/host_cost/bill.h"
#include "tools/console/rounded.h"

namespace metlog {
namespace {

/// A column of a case's table: the median of a figure, for some with p10 and p90.
struct BillColumn {
  const char* title;
  const char* figure;
  int decimals;
  enum class Shows : std::uint8_t { kMedian, kSpread, kSum } shows;
};

constexpr auto kMedian = BillColumn::Shows::kMedian;
constexpr auto kSpread = BillColumn::Shows::kSpread;
constexpr auto kSum = BillColumn::Shows::kSum;

// A column without a figure in any row of a table is left out.
constexpr std::array kColumns = {
    BillColumn{"units/s", "units_per_s", 0, kMedian},
    BillColumn{"requests/s", "requests_per_s", 0, kMedian},
    BillColumn{"kept %", "kept_percent", 1, kSpread},
    BillColumn{"messages/s", "messages_per_s", 0, kMedian},
    BillColumn{"us/message", "us_per_message", 2, kSpread},
    BillColumn{"router us", "router_us_per_message", 2, kMedian},
    BillColumn{"p50 us", "p50_us", 0, kSpread},
    BillColumn{"p99 us", "p99_us", 0, kSpread},
    BillColumn{"max us", "max_us", 0, kSpread},
    BillColumn{"CPU % above", "cpu_percent_above", 3, kSpread},
    BillColumn{"wakes above", "voluntary_per_s_above", 0, kSpread},
    BillColumn{"KiB/thread", "resident_kb", 1, kMedian},
    BillColumn{"KiB above", "resident_kb_above", 1, kSpread},
    BillColumn{"CPU %", "cpu_percent", 2, kMedian},
    BillColumn{"wakes/s", "voluntary_per_s", 0, kMedian},
    BillColumn{"preempt/s", "involuntary_per_s", 0, kMedian},
    BillColumn{"writes/s", "writes_per_s", 0, kMedian},
    BillColumn{"B/write", "bytes_per_write", 0, kMedian},
    BillColumn{"router CPU %", "router_cpu_percent", 2, kMedian},
    BillColumn{"router wakes/s", "router_voluntary_per_s", 0, kMedian},
    BillColumn{"lost %", "lost_percent", 3, kSpread},
    BillColumn{"emitted", "emitted", 0, kSum},
    BillColumn{"lost", "lost", 0, kSum},
    BillColumn{"unaccounted", "unaccounted", 0, kSum},
};

constexpr std::array kThreadColumns = {
    BillColumn{"threads", "threads", 0, kMedian},
    BillColumn{"CPU %", "cpu_percent", 2, kMedian},
    BillColumn{"wakes/s", "voluntary_per_s", 0, kMedian},
    BillColumn{"preempt/s", "involuntary_per_s", 0, kMedian},
    BillColumn{"writes/s", "writes_per_s", 0, kMedian},
    BillColumn{"B/write", "bytes_per_write", 0, kMedian},
};

using Line = std::vector<std::string>;

/// The lines with their columns aligned: the first two to the left, or only one.
std::string aligned(const std::vector<Line>& lines, std::size_t left_columns) {
  std::vector<std::size_t> widths;
  for (const Line& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += i < left_columns ? fmt::format("  {:<{}}", line[i], widths[i])
                               : fmt::format("  {:>{}}", line[i], widths[i]);
    }
    text += '\n';
  }
  return text;
}

/// Without the sign of a zero.
std::string number_text(double value, int decimals) {
  return fmt::format("{:.{}f}", rounded(value, decimals) + 0.0, decimals);
}

std::string cell(const BillRow& row, const BillColumn& column) {
  if (!row.has(column.figure)) return "-";
  const int decimals = column.decimals;
  if (column.shows == kSum) return fmt::format("{:.0f}", row.sum(column.figure));
  const Spread spread = row.spread(column.figure);
  if (column.shows == kMedian || row.rounds.size() == 1) {
    return number_text(spread.p50, decimals);
  }
  return fmt::format("{} ({}..{})", number_text(spread.p50, decimals),
                     number_text(spread.p10, decimals), number_text(spread.p90, decimals));
}

std::string rows_text(const BillCase& one) {
  std::vector<BillColumn> columns;
  std::copy_if(kColumns.begin(), kColumns.end(), std::back_inserter(columns),
               [&](const BillColumn& column) {
                 return std::any_of(one.rows.begin(), one.rows.end(),
                                    [&](const BillRow& row) { return row.has(column.figure); });
               });
  std::vector<Line> lines{{"subject"}};
  for (const BillColumn& column : columns) lines[0].emplace_back(column.title);
  for (const BillRow& row : one.rows) {
    lines.push_back({row.subject});
    for (const BillColumn& column : columns) lines.back().push_back(cell(row, column));
  }
  return aligned(lines, 1);
}

bool did_nothing(const Measurement::Threads& threads) {
  return std::all_of(threads.figures.begin(), threads.figures.end(), [](const auto& figure) {
    return figure.first == "threads" || figure.second < 0.005;
  });
}

/// The threads' table; empty for cases whose question is not what they do. JSON has all.
std::string threads_text(const BillCase& one) {
  const Workload workload = one.cost_case.workload;
  if (workload == Workload::kBurst || workload == Workload::kLatency ||
      workload == Workload::kMemory || workload == Workload::kStarved) {
    return "";
  }
  std::vector<Line> lines{{"subject", "thread"}};
  for (const BillColumn& column : kThreadColumns) lines[0].emplace_back(column.title);
  for (const BillRow& row : one.rows) {
    for (const Measurement::Threads& threads : row.threads()) {
      if (did_nothing(threads)) continue;
      lines.push_back({row.subject, threads.process + ":" + threads.name});
      for (const BillColumn& column : kThreadColumns) {
        const auto found = threads.figures.find(std::string_view(column.figure));
        const double value = found == threads.figures.end() ? 0 : found->second;
        lines.back().push_back(number_text(value, column.decimals));
      }
    }
  }
  return lines.size() == 1 ? "" : aligned(lines, 2);
}

std::string question_of(const CostCase& one) {
  switch (one.rhythm) {
    case Rhythm::kIdle:
      return "a process that logged once and is idle";
    case Rhythm::kUnits:
      return fmt::format("{} threads compute for {} us and log a message, again and again",
                         one.threads, one.unit_us);
    case Rhythm::kPaced:
      return fmt::format(
          "a thread logs {:.0f} messages a second{}{}", one.rate,
          one.neighbours == 0
              ? ""
              : fmt::format(" on one core beside {} busy processes", one.neighbours),
          one.nice == 0 ? "" : fmt::format(", metlog's threads at nice {}", one.nice));
    case Rhythm::kFlatOut:
      return "a thread logs as fast as it can, and waits when it must";
    case Rhythm::kBursts:
      return fmt::format("{} thread{}: {} call{} at once, every {:.0f} ms{}", one.threads,
                         one.threads == 1 ? "" : "s", one.burst, one.burst == 1 ? "" : "s",
                         1000 * one.burst_period_s,
                         one.is_severe ? ", of a severity that wakes" : "");
    case Rhythm::kRequests:
      return fmt::format("an HTTP server logs {} messages a request; wrk has 8 connections to it",
                         one.messages);
    case Rhythm::kOnce:
      return fmt::format("{} threads that logged once and stay", one.threads);
  }
  return "";
}

/// The largest share of a core that other processes took in any row's median.
double noise_percent(const std::vector<BillCase>& bill) {
  double most = 0;
  for (const BillCase& one : bill) {
    // Their reader, their wrk and their neighbours are other processes.
    if (one.cost_case.workload == Workload::kLatency) continue;
    if (one.cost_case.workload == Workload::kHttp) continue;
    if (one.cost_case.workload == Workload::kStarved) continue;
    for (const BillRow& row : one.rows) most = std::max(most, row.spread("others_percent").p50);
  }
  return most;
}

std::string faults_text(const std::vector<BillCase>& bill) {
  std::string text;
  for (const BillCase& one : bill) {
    for (const BillRow& row : one.rows) {
      if (!row.errors.empty()) {
        text += fmt::format("not measured: {} {}, {} of {} rounds: {}\n", one.cost_case.name,
                            row.subject, row.errors.size(), row.errors.size() + row.rounds.size(),
                            row.errors.front());
      }
      for (const double count : row.values("unaccounted")) {
        if (count == 0) continue;
        text += fmt::format("UNACCOUNTED: {} {}: {:+.0f} messages\n", one.cost_case.name,
                            row.subject, count);
      }
    }
  }
  return text;
}

}  // namespace

std::string to_text(const std::vector<BillCase>& bill, const BillOrigin& origin) {
  constexpr double kTooMuchNoise = 10;
  std::string text = fmt::format(
      "What logging costs the host: {} round{} of {} s{}. Median (p10..p90).\n", origin.rounds,
      origin.rounds == 1 ? "" : "s", origin.seconds, origin.is_interrupted ? ", interrupted" : "");
  for (const BillCase& one : bill) {
    text += fmt::format("\n{}: {}\n", one.cost_case.name, question_of(one.cost_case));
    text += rows_text(one);
    if (const std::string threads = threads_text(one); !threads.empty()) text += '\n' + threads;
  }
  if (const double noise = noise_percent(bill); noise > kTooMuchNoise) {
    text += fmt::format(
        "\nOther processes took up to {:.0f} % of a core: measure again when the "
        "machine is quiet.\n",
        noise);
  }
  if (const std::string faults = faults_text(bill); !faults.empty()) text += '\n' + faults;
  return text;
}

}  // namespace metlog
