#include "tools/router/router_ledger.h"

#include <numeric>

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

}  // namespace metlog
