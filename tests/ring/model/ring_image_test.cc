#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <vector>

#include "tests/ring/model/explorer.h"
#include "tests/ring/model/image_scan.h"
#include "tests/ring/model/model_ring.h"

namespace metlog {
namespace {

// Both threads die here: does another process find exactly what was committed, in the ring or,
// where the reader has passed it on, in a batch?
std::string check_image(const ModelState& state, const RingPlan& plan) {
  const ImageScan image(state, plan);
  if (!image.damage().empty()) return image.damage();
  std::vector<ModelNote> committed;
  const std::vector<ModelNote>& passed_on = state.threads[1].notes;
  for (const ModelNote& note : state.threads[0].notes) {
    const auto pos = static_cast<std::int64_t>(note.pos);
    if (image.is_cut() && pos >= image.end_pos()) continue;
    if (pos >= image.first_pos()) {
      committed.push_back(note);
    } else if (std::find(passed_on.begin(), passed_on.end(), note) == passed_on.end()) {
      return "a committed record neither in the ring nor in a batch";
    }
  }
  return image.records() == committed ? "" : "a committed record lost, or one invented";
}

template <class HeaderDefect = AsWritten>
Exploration explore(const RingPlan& plan) {
  ModelRing<HeaderDefect> ring(plan);
  Explorer explorer(
      ring.machine(), [&](const ModelState& state) { return check_image(state, plan); },
      [](const ModelState&) { return std::string(); });
  return explorer.explore(ring.initial());
}

const RingPlan kShortRecords = {.records = {1, 1, 1, 1, 1}, .tries = 1, .polls = 6};
const RingPlan kMixedRecords = {.start_pos = 1, .records = {1, 2, 1, 2}, .tries = 1, .polls = 6};
const RingPlan kHotCells = {
    .start_pos = 2, .records = {1, 2, 2, 1}, .takes_hot_cells = true, .tries = 1, .polls = 6};
const RingPlan kGoodBye = {
    .start_pos = 2, .records = {2, 1, 2}, .tries = 2, .ends_with_last = true, .polls = 6};
// Rings that get the memory of their last cells while they are written; or never, in the file.
const RingPlan kExtended = {
    .records = {1, 2, 1, 2}, .takes_hot_cells = true, .polls = 6, .ready_cells = 2};
const RingPlan kRefused = {.records = {1, 2, 1, 2},
                           .takes_hot_cells = true,
                           .polls = 6,
                           .ready_cells = 2,
                           .is_refused = true};
const RingPlan kRefusedShort = {
    .records = {1, 1, 1, 1, 1, 1}, .polls = 6, .ready_cells = 3, .is_refused = true};

TEST(RingImage, HoldsEverySealedRecordAndNoOtherWheneverTheProcessDies) {  // I2, P2
  std::uint64_t states = 0;
  for (const RingPlan& plan :
       {kShortRecords, kMixedRecords, kHotCells, kGoodBye, kExtended, kRefused, kRefusedShort}) {
    const Exploration found = explore(plan);
    EXPECT_EQ(found.violation, "") << found.schedule;
    states += found.states;
  }
  std::cout << "images scanned: " << states << "\n";
  EXPECT_GE(states, 1000U);
}

TEST(RingImage, IsDamagedWhenAContinuationCellDoesNotCarryItsLap) {  // I2
  for (const RingPlan& plan : {kMixedRecords, kHotCells, kGoodBye}) {
    EXPECT_NE(explore<ContinuationUntouched>(plan).violation, "");
    EXPECT_NE(explore<ContinuationWithoutLap>(plan).violation, "");
  }
}

TEST(RingImage, IsDamagedWhenARecordIsAnnouncedBeforeAllItsCellsAreSealed) {
  RingPlan plan = kMixedRecords;
  plan.fault = CallerFault::kAnnouncesBeforeItIsSealed;
  EXPECT_NE(explore(plan).violation, "");
}

TEST(RingImage, LacksARecordThatIsCalledDrainedBeforeItIsInABatch) {
  RingPlan plan = kMixedRecords;
  plan.fault = CallerFault::kDrainsBeforeItPassesOn;
  EXPECT_EQ(explore(plan).violation, "a committed record neither in the ring nor in a batch");
}

}  // namespace
}  // namespace metlog
