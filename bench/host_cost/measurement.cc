#include "bench/host_cost/measurement.h"

#include <cstdlib>
#include <utility>

namespace metlog {
namespace {

constexpr std::string_view kEnd = "end";

/// Takes what is before `separator` off the front of `text`.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

void add_figure(std::string& lines, std::string_view kind, const std::string& name, double value) {
  lines.append(kind).append("\t").append(name).append("\t");
  lines.append(std::to_string(value)).append("\n");
}

}  // namespace

double Measurement::figure(std::string_view name) const {
  const auto found = figures.find(name);
  return found == figures.end() ? 0 : found->second;
}

std::string to_lines(const Measurement& measurement) {
  std::string lines;
  if (!measurement.error.empty()) lines.append("error\t").append(measurement.error).append("\n");
  for (const auto& [name, value] : measurement.figures) add_figure(lines, "figure", name, value);
  for (const Measurement::Threads& threads : measurement.threads) {
    lines.append("threads\t").append(threads.process).append("\t");
    lines.append(threads.name).append("\n");
    for (const auto& [name, value] : threads.figures) add_figure(lines, "of_threads", name, value);
  }
  return lines.append(kEnd).append("\n");
}

Measurement measurement_of(std::string_view lines) {
  Measurement measurement;
  while (!lines.empty()) {
    std::string_view line = take_until(lines, '\n');
    const std::string_view kind = take_until(line, '\t');
    if (kind == kEnd) return measurement;
    std::string first(take_until(line, '\t'));
    const std::string second(line);
    if (kind == "error") measurement.error = first;
    if (kind == "figure") measurement.figures[first] = std::strtod(second.c_str(), nullptr);
    if (kind == "threads") measurement.threads.push_back({std::move(first), second, {}});
    if (kind == "of_threads" && !measurement.threads.empty()) {
      measurement.threads.back().figures[first] = std::strtod(second.c_str(), nullptr);
    }
  }
  if (measurement.error.empty()) measurement.error = "the measured process ended without a report";
  return measurement;
}

}  // namespace metlog
