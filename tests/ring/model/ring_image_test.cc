#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <vector>

#include "tests/ring/model/explorer.h"
#include "tests/ring/model/image_scan.h"
#include "tests/ring/model/model_ring.h"

namespace metlog {
namespace {

std::uint64_t largest_record(const RingPlan& plan) {
  return *std::max_element(plan.records.begin(), plan.records.end());
}

// Both threads die here: does another process find exactly what was committed, from the first
// position that it may trust?
std::string check_image(const ModelState& state, const RingPlan& plan, std::uint64_t margin) {
  const ImageScan image(state, plan, margin);
  if (!image.damage().empty()) return image.damage();
  std::vector<ModelNote> committed;
  for (const ModelNote& note : state.threads[0].notes) {
    const auto pos = static_cast<std::int64_t>(note.pos);
    if (image.is_cut() && pos >= image.end_pos()) continue;
    if (pos >= image.first_pos()) committed.push_back(note);
  }
  return image.records() == committed ? "" : "a committed record lost, or one invented";
}

template <class HeaderDefect = AsWritten>
Exploration explore(const RingPlan& plan, std::uint64_t margin) {
  ModelRing<HeaderDefect> ring(plan);
  Explorer explorer(
      ring.machine(), [&](const ModelState& state) { return check_image(state, plan, margin); },
      [](const ModelState&) { return std::string(); });
  return explorer.explore(ring.initial());
}

const RingPlan kShortRecords = {.records = {1, 1, 1, 1, 1}, .tries = 1, .polls = 6};
const RingPlan kMixedRecords = {
    .start_pos = 1, .records = {1, 2, 1, 2}, .tries = 1, .polls = 6, .done_every = 2};
const RingPlan kHotCells = {
    .start_pos = 2, .records = {1, 2, 2, 1}, .takes_hot_cells = true, .tries = 1, .polls = 6};
const RingPlan kGoodBye = {
    .start_pos = 2, .records = {2, 1, 2}, .tries = 2, .ends_with_last = true, .polls = 6};
// Rings that get the memory of their last cells while they are written; or never, in the file.
const RingPlan kExtended = {.records = {1, 2, 1, 2},
                            .takes_hot_cells = true,
                            .polls = 6,
                            .ready_cells = 2,
                            .done_every = 2};
const RingPlan kRefused = {.records = {1, 2, 1, 2},
                           .takes_hot_cells = true,
                           .polls = 6,
                           .ready_cells = 2,
                           .is_refused = true,
                           .done_every = 2};
const RingPlan kRefusedShort = {.records = {1, 1, 1, 1, 1, 1},
                                .polls = 6,
                                .ready_cells = 3,
                                .is_refused = true,
                                .done_every = 1};

TEST(RingImage, HoldsEverySealedRecordAndNoOtherWheneverTheProcessDies) {  // I2, P2
  std::uint64_t states = 0;
  for (const RingPlan& plan :
       {kShortRecords, kMixedRecords, kHotCells, kGoodBye, kExtended, kRefused, kRefusedShort}) {
    const Exploration found = explore(plan, largest_record(plan));
    EXPECT_EQ(found.violation, "") << found.schedule;
    states += found.states;
  }
  std::cout << "images scanned: " << states << "\n";
  EXPECT_GE(states, 1000U);
}

TEST(RingImage, IsDamagedWhenAContinuationCellDoesNotCarryItsLap) {  // I2
  for (const RingPlan& plan : {kMixedRecords, kHotCells, kGoodBye}) {
    EXPECT_NE(explore<ContinuationUntouched>(plan, largest_record(plan)).violation, "");
    EXPECT_NE(explore<ContinuationWithoutLap>(plan, largest_record(plan)).violation, "");
  }
}

TEST(RingImage, IsDamagedWhenARecordIsAnnouncedBeforeAllItsCellsAreSealed) {
  RingPlan plan = kMixedRecords;
  plan.fault = CallerFault::kAnnouncesBeforeItIsSealed;
  EXPECT_NE(explore(plan, largest_record(plan)).violation, "");
}

TEST(RingImage, ShowsASpoiltRecordToAScanThatTrustsTheOldestCells) {
  for (const RingPlan& plan : {kShortRecords, kMixedRecords}) {
    EXPECT_EQ(explore(plan, 0).violation, "an invented or torn record");
  }
}

}  // namespace
}  // namespace metlog
