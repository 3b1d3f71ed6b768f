#include "metlog/internal/emit/sampled_out.h"

#include <atomic>

namespace metlog {
namespace {

// All that count anything, the last one first. Pages of threads are never unmapped.
constinit std::atomic<SampledOutCounts*> g_listed{nullptr};
// By client, of threads without a page of their own.
constinit PlainAtomic<std::uint64_t> g_elsewhere[kClientSlots] = {};

void list(SampledOutCounts& counts) {
  // Once, if a signal handler does so, too.
  if (counts.is_listed.exchange(1) != 0) return;
  counts.listed_before = g_listed.load(std::memory_order_relaxed);  // relaxed: checked below
  // release: pairs with the acquire in for_all()
  while (!g_listed.compare_exchange_weak(counts.listed_before, &counts, std::memory_order_release,
                                         std::memory_order_relaxed)) {
  }
}

template <class F>
void for_all(F use) {
  SampledOutCounts* counts = g_listed.load(std::memory_order_acquire);  // pairs with list()
  for (; counts != nullptr; counts = counts->listed_before) use(*counts);
}

}  // namespace

void count_sampled_out(std::uint32_t client, std::uint64_t calls) {
  Producer& producer = *t_producer;
  // One without a ring may be the one that all threads share before their first record.
  if (producer.ring == nullptr) {
    g_elsewhere[client].add(calls);
    return;
  }
  SampledOutCounts& counts = reinterpret_cast<ProducerPages&>(producer).sampled_out;
  // relaxed: stored by threads that have had the page before or by this one
  if (counts.is_listed.load(Order::kRelaxed) == 0) list(counts);
  counts.calls[client].add_by_owner(calls);
}

std::uint64_t sampled_out(std::uint32_t client) {
  std::uint64_t sum = g_elsewhere[client].load(Order::kRelaxed);  // relaxed, both: counters
  for_all([&](const SampledOutCounts& each) { sum += each.calls[client].load(Order::kRelaxed); });
  return sum;
}

void clear_sampled_out(std::uint32_t client) {
  g_elsewhere[client].store(0, Order::kRelaxed);  // relaxed, both: the client is closed
  for_all([&](SampledOutCounts& each) { each.calls[client].store(0, Order::kRelaxed); });
}

}  // namespace metlog
