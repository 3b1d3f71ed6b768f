#include "tests/faults/arrivals.h"

#include <charconv>
#include <cstdio>

#include "senders/file/appended_file.h"

namespace metlog {
namespace {

std::uint64_t mixed(std::uint64_t bits) {
  bits = (bits ^ bits >> 31) * 0x7fb5'd329'728e'a185;
  bits = (bits ^ bits >> 27) * 0x81da'def4'bc2d'd44d;
  return bits ^ bits >> 33;
}

/// What follows `key` in a line; empty when it has none.
std::string_view after(std::string_view line, std::string_view key) {
  const std::size_t at = line.find(key);
  return at == std::string_view::npos ? std::string_view() : line.substr(at + key.size());
}

std::uint64_t number_at(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::string keyed_payload(unsigned lane, std::uint64_t number, std::size_t padding) {
  const std::uint64_t key = mixed(number << 8 | lane);
  char head[64];
  std::snprintf(head, sizeof head, "%u %06llu %016llx %zu ", lane,
                static_cast<unsigned long long>(number), static_cast<unsigned long long>(key),
                padding);
  std::string payload = head;
  for (std::size_t i = 0; i < padding; ++i) {
    payload.push_back(static_cast<char>('a' + mixed(key + i) % 26));
  }
  return payload;
}

Arrivals::Arrivals(std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    if (end == std::string_view::npos) {
      if (fault_.empty()) fault_ = "half a line: " + std::string(lines);
      return;
    }
    take(lines.substr(0, end));
    lines.remove_prefix(end + 1);
  }
}

void Arrivals::take(std::string_view line) {
  if (!fault_.empty()) return;
  if (line.ends_with(kCutMark)) {
    ++cuts_;
    return;
  }
  if (!line.starts_with("{\"type\":") || !line.ends_with("}}")) {
    fault_ = "torn: " + std::string(line);
    return;
  }
  const std::string_view type = after(line, "{\"type\":\"");
  if (type.starts_with("metlog.death\"")) {
    ++deaths_;
    return;
  }
  if (type.starts_with("metlog.loss\"")) {
    // The logger says whose: `lane0`.
    Lane& lane = lanes_.at(number_at(after(line, "\"logger\":\"lane")) % Oracle::kLanes);
    const std::uint64_t count = number_at(after(line, "\"count\":"));
    lane.lost += count;
    lane.gap += count;
    return;
  }
  std::string_view payload = after(line, "\"payload\":\"");
  payload = payload.substr(0, payload.find('"'));
  if (number_at(after(line, "\"in\":")) != number_at(after(line, "\"round\":"))) {
    fault_ = "another context than the call's: " + std::string(line);
    return;
  }
  take_call(payload);
}

void Arrivals::take_call(std::string_view payload) {
  unsigned number_of_lane = 0;
  unsigned long long number = 0;
  std::size_t padding = 0;
  const std::string text(payload);
  if (std::sscanf(text.c_str(), "%u %llu %*x %zu", &number_of_lane, &number, &padding) != 3 ||
      number_of_lane >= Oracle::kLanes || padding > payload.size() ||
      text != keyed_payload(number_of_lane, number, padding)) {
    fault_ = "not a call's payload: " + text;
    return;
  }
  Lane& lane = lanes_.at(number_of_lane);
  if (number < lane.next || (number != lane.next + lane.gap && gap_fault_.empty())) {
    (number < lane.next ? fault_ : gap_fault_) = "call " + std::to_string(number) + " of lane " +
                                                 std::to_string(number_of_lane) + " comes where " +
                                                 std::to_string(lane.next + lane.gap) + " should";
    if (!fault_.empty()) return;
  }
  lane.next = number + 1;
  lane.gap = 0;
  ++lane.calls;
}

std::string Arrivals::fault(const Oracle& oracle, std::uint64_t unreported) const {
  if (!fault_.empty() || !gap_fault_.empty()) return fault_.empty() ? gap_fault_ : fault_;
  for (unsigned i = 0; i < Oracle::kLanes; ++i) {
    const std::uint64_t end = lanes_[i].next + lanes_[i].gap;
    const std::uint64_t returned = oracle.returned(i);
    const std::string of_lane = " of lane " + std::to_string(i) + ": " + std::to_string(end) +
                                " are accounted for, " + std::to_string(returned) +
                                " have returned, " + std::to_string(oracle.begun(i)) + " begun";
    if (end > oracle.begun(i)) return "calls that were never made" + of_lane;
    if (end >= returned) continue;
    if (returned - end > unreported) return "calls are lost" + of_lane;
    unreported -= returned - end;
  }
  return {};
}

std::string Arrivals::counted_fault(const Oracle& oracle) const {
  if (!fault_.empty()) return fault_;
  for (unsigned i = 0; i < Oracle::kLanes; ++i) {
    if (lanes_[i].calls + lanes_[i].lost == oracle.returned(i)) continue;
    return "lane " + std::to_string(i) + ": " + std::to_string(oracle.returned(i)) + " calls, " +
           std::to_string(lanes_[i].calls) + " are there, and " + std::to_string(lanes_[i].lost) +
           " are told as lost";
  }
  return {};
}

std::uint64_t Arrivals::calls() const {
  std::uint64_t sum = 0;
  for (const Lane& lane : lanes_) sum += lane.calls;
  return sum;
}

std::uint64_t Arrivals::losses() const {
  std::uint64_t sum = 0;
  for (const Lane& lane : lanes_) sum += lane.lost;
  return sum;
}

}  // namespace metlog
