#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <iostream>
#include <vector>

#include "tests/ring/model/explorer.h"
#include "tests/ring/model/image_scan.h"
#include "tests/ring/model/model_ring.h"

namespace metlog {
namespace {

// The notes of the writer's thread after those that the reader's thread has received.
using Notes = std::vector<ModelNote>;

bool begins_with(const Notes& all, const Notes& first) {
  return first.size() <= all.size() && std::equal(first.begin(), first.end(), all.begin());
}

std::string check_received(const ModelState& state) {
  return begins_with(state.threads[0].notes, state.threads[1].notes)
             ? ""
             : "a record received that was not the next one committed";
}

// Conservation: what was committed has been read, or is still in the ring.
std::string check_all_there(const ModelState& state, const RingPlan& plan) {
  const ImageScan left(state, plan);
  if (!left.damage().empty()) return left.damage();
  Notes all = state.threads[1].notes;
  all.insert(all.end(), left.records().begin(), left.records().end());
  return all == state.threads[0].notes ? "" : "a record lost or invented";
}

template <class HeaderDefect = AsWritten, class PositionDefect = AsWritten,
          class FreedDefect = AsWritten>
Exploration explore(const RingPlan& plan) {
  ModelRing<HeaderDefect, PositionDefect, FreedDefect> ring(plan);
  Explorer explorer(ring.machine(), check_received,
                    [&](const ModelState& state) { return check_all_there(state, plan); });
  return explorer.explore(ring.initial());
}

// Each plan publishes in only one way, so that another way does not hide a defect:
// publish_cell() in rings of two and four cells, commit() with records that wrap, publish_cells()
// where they do not, commit_last().
const RingPlan kTinyRing = {.cells_log2 = 1, .records = {1, 1, 1}, .tries = 2, .polls = 6};
const RingPlan kHotPath = {.records = {1, 1, 1, 1, 1}, .tries = 1, .polls = 6};
// The space of read records is given back, but the hot path may not know it yet.
const RingPlan kLagging = {.records = {1, 1, 1, 1, 1, 1}, .tries = 1, .polls = 3};
const RingPlan kWrapping = {.start_pos = 1, .records = {2, 2, 2}, .tries = 2, .polls = 6};
const RingPlan kHotCells = {
    .records = {1, 2, 2, 2}, .takes_hot_cells = true, .tries = 2, .polls = 6};
const RingPlan kGoodBye = {.start_pos = 3, .records = {}, .ends_with_last = true};
// A hot path that ends at every cell, a quarter of this ring.
const RingPlan kQuarters = {.records = {1, 1, 1, 1, 1}, .tries = 1, .polls = 5, .wakes = true};
// A ring that gets the memory of its second half when that is needed.
const RingPlan kExtended = {.records = {1, 1, 2, 1},
                            .takes_hot_cells = true,
                            .tries = 1,
                            .polls = 5,
                            .wakes = true,
                            .ready_cells = 2};
// Handlers log inside records, of the hot path and of the cold one, and between them.
const RingPlan kHandlers = {.start_pos = 1,
                            .records = {1, 2},
                            .takes_hot_cells = true,
                            .tries = 2,
                            .polls = 5,
                            .has_handlers = true};
// And one with all of them, the ring full when the last record comes.
const RingPlan kAllWays = {
    .start_pos = 2, .records = {1, 2, 1, 2}, .tries = 2, .ends_with_last = true, .polls = 6};

TEST(RingModel, IsSoundInEveryExecution) {  // I1, I3, I4, I6
  std::uint64_t executions = 0;
  for (const RingPlan& plan : {kTinyRing, kHotPath, kLagging, kWrapping, kHotCells, kQuarters,
                               kExtended, kGoodBye, kHandlers, kAllWays}) {
    const Exploration found = explore(plan);
    EXPECT_EQ(found.violation, "") << found.schedule;
    std::cout << "ring of " << plan.capacity() << ", " << plan.records.size()
              << " records: " << found.executions << " executions, " << found.states << " states\n";
    executions += found.executions;
  }
  std::cout << "executions explored: " << executions << "\n";
  EXPECT_GE(executions, 1000U);
}

template <class HeaderDefect, class PositionDefect, class FreedDefect = AsWritten>
void expect_found(const char* defect, std::initializer_list<RingPlan> plans) {
  for (const RingPlan& plan : plans) {
    const Exploration found = explore<HeaderDefect, PositionDefect, FreedDefect>(plan);
    EXPECT_NE(found.violation, "") << defect << " was not found in " << found.executions;
    std::cout << defect << ": " << found.violation << " after " << found.states << " states\n";
  }
}

TEST(RingModel, FindsAHeadStoredRelaxed) {  // I1
  expect_found<StoreRelaxed, AsWritten>("head store relaxed",
                                        {kTinyRing, kHotPath, kWrapping, kHotCells, kGoodBye});
}

TEST(RingModel, FindsAHeadLoadedRelaxed) {  // I1
  expect_found<LoadRelaxed, AsWritten>("head load relaxed",
                                       {kTinyRing, kHotPath, kWrapping, kHotCells, kGoodBye});
}

TEST(RingModel, FindsAReadPositionStoredRelaxed) {  // I3
  expect_found<AsWritten, StoreRelaxed>("read_pos store relaxed",
                                        {kTinyRing, kHotPath, kWrapping, kHotCells});
}

TEST(RingModel, FindsAReadPositionLoadedRelaxed) {  // I3
  expect_found<AsWritten, LoadRelaxed>("read_pos load relaxed",
                                       {kTinyRing, kHotPath, kWrapping, kHotCells});
}

TEST(RingModel, FindsAWriterThatBelievesTheReaderFurtherThanItIs) {  // I3
  expect_found<AsWritten, ReaderSeenAhead>("read_pos seen ahead",
                                           {kAllWays});  // the reserved cell hides it elsewhere
}

TEST(RingModel, FindsWhatIsFreedStoredRelaxed) {  // I3
  expect_found<AsWritten, AsWritten, StoreRelaxed>("freed store relaxed", {kTinyRing, kHotPath});
}

TEST(RingModel, FindsWhatIsFreedLoadedRelaxed) {  // I3
  expect_found<AsWritten, AsWritten, LoadRelaxed>("freed load relaxed", {kTinyRing, kHotPath});
}

TEST(RingModel, FindsAHotPathThatBelievesTheReaderFurtherThanItIs) {  // I3
  expect_found<AsWritten, AsWritten, FreedSeenAhead>("freed seen ahead", {kAllWays});
}

TEST(RingModel, FindsCallersThatBreakTheProtocol) {  // I1, I3
  RingPlan plan = kHotPath;
  plan.fault = CallerFault::kPublishesBeforeItFills;
  expect_found<AsWritten, AsWritten>("published before filled", {plan});
  plan = kAllWays;
  plan.fault = CallerFault::kReleasesBeforeItReads;
  expect_found<AsWritten, AsWritten>("released before read", {plan});
}

}  // namespace
}  // namespace metlog
