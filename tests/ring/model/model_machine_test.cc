#include "tests/ring/model/model_machine.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "tests/ring/model/explorer.h"

namespace metlog {
namespace {

// The values that a litmus test's second thread may end with, put together by its program.
struct Outcomes {
  std::set<std::string> seen;
  std::string violation;
  std::uint64_t executions = 0;
};

// Explores two programs; what they note at their ends, as "number,number" of thread 0 and 1.
Outcomes explore_litmus(const std::function<void(ModelMachine&)>& first,
                        const std::function<void(ModelMachine&)>& second) {
  ModelMachine* self = nullptr;
  ModelMachine machine({[&] { first(*self); }, [&] { second(*self); }});
  self = &machine;
  Outcomes outcomes;
  Explorer explorer(
      machine, [](const ModelState&) { return std::string(); },
      [&](const ModelState& state) {
        std::string seen;
        for (const ModelThread& thread : state.threads) {
          for (const ModelNote& note : thread.notes) seen += std::to_string(note.number);
        }
        outcomes.seen.insert(seen);
        return std::string();
      });
  const Exploration found = explorer.explore(ModelState());
  outcomes.violation = found.violation;
  outcomes.executions = found.executions;
  return outcomes;
}

void note_number(ModelMachine& machine, std::uint64_t number) { machine.note({0, 0, number}); }

using Seen = std::set<std::string>;

TEST(ModelMachine, LetsAMessageOvertakeItsFlagOnlyWithoutReleaseAndAcquire) {
  const auto pass = [](Order store, Order load) {
    return explore_litmus(
        [=](ModelMachine& machine) {
          machine.store(0, 1, Order::kRelaxed);
          machine.store(1, 1, store);
        },
        [=](ModelMachine& machine) {
          note_number(machine, machine.load(1, load));
          note_number(machine, machine.load(0, Order::kRelaxed));
        });
  };
  EXPECT_EQ(pass(Order::kRelease, Order::kAcquire).seen, (Seen{"00", "01", "11"}));
  EXPECT_EQ(pass(Order::kRelaxed, Order::kAcquire).seen, (Seen{"00", "01", "10", "11"}));
  EXPECT_EQ(pass(Order::kRelease, Order::kRelaxed).seen, (Seen{"00", "01", "10", "11"}));
}

TEST(ModelMachine, ShowsBothThreadsTheOldValueInStoreBuffering) {
  const auto store_then_load = [](int mine, int other) {
    return [=](ModelMachine& machine) {
      machine.store(mine, 1, Order::kRelease);
      note_number(machine, machine.load(other, Order::kAcquire));
    };
  };
  EXPECT_EQ(explore_litmus(store_then_load(0, 1), store_then_load(1, 0)).seen,
            (Seen{"00", "01", "10", "11"}));
}

TEST(ModelMachine, NeverGoesBackInTheHistoryOfOneWord) {
  const Outcomes outcomes = explore_litmus(
      [](ModelMachine& machine) {
        machine.store(0, 1, Order::kRelaxed);
        machine.store(0, 2, Order::kRelaxed);
      },
      [](ModelMachine& machine) {
        note_number(machine, machine.load(0, Order::kRelaxed));
        note_number(machine, machine.load(0, Order::kRelaxed));
      });
  EXPECT_EQ(outcomes.seen, (Seen{"00", "01", "02", "11", "12", "22"}));
  EXPECT_EQ(outcomes.executions, 6U);
}

TEST(ModelMachine, ReportsARaceUnlessThePlainAccessesAreOrdered) {
  const auto pass = [](Order store, Order load) {
    return explore_litmus(
        [=](ModelMachine& machine) {
          machine.write(0, 7);
          machine.store(0, 1, store);
        },
        [=](ModelMachine& machine) {
          if (machine.load(0, load) == 1) note_number(machine, machine.read(0));
        });
  };
  const Outcomes ordered = pass(Order::kRelease, Order::kAcquire);
  EXPECT_EQ(ordered.violation, "");
  EXPECT_EQ(ordered.seen, (Seen{"", "7"}));
  EXPECT_NE(pass(Order::kRelaxed, Order::kAcquire).violation, "");
  EXPECT_NE(pass(Order::kRelease, Order::kRelaxed).violation, "");
}

TEST(ModelMachine, ReportsAWriteThatAReadIsNotOrderedBefore) {
  const auto pass = [](Order store, Order load) {
    return explore_litmus(
        [=](ModelMachine& machine) {
          note_number(machine, machine.read(0));
          machine.store(0, 1, store);
        },
        [=](ModelMachine& machine) {
          if (machine.load(0, load) == 1) machine.write(0, 7);
        });
  };
  EXPECT_EQ(pass(Order::kRelease, Order::kAcquire).violation, "");
  EXPECT_NE(pass(Order::kRelaxed, Order::kAcquire).violation, "");
  EXPECT_NE(pass(Order::kRelease, Order::kRelaxed).violation, "");
}

}  // namespace
}  // namespace metlog
