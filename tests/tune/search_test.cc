#include "tools/metlog/tune/search/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "metlog/internal/client/option_keys.h"
#include "tests/tune/rows.h"
#include "tools/metlog/tune/report/report_text.h"

namespace metlog {
namespace {

using testing::HasSubstr;

/// A machine on which each point takes a second, with speeds that the test sets.
class SearchTest : public testing::Test {
 protected:
  using Speed = std::function<Row(const Setting&)>;

  TuneResult run(const Speed& speed, double budget_s = 1000) {
    Budget budget(budget_s, [this] { return now_s_; });
    const auto measure = [&](Axis axis, const Setting& setting) {
      now_s_ += 1;
      ++measured_;
      seen_.insert(axis);
      return speed(setting);
    };
    return TuneSearch(options_, budget, measure, [this] { return measured_ >= stop_after_; }).run();
  }

  TuneSearch::Options options_{
      Goal::kThroughput, Extent::kFull, {Transport::kNull, Transport::kFile, Transport::kTcp}, {}};
  double now_s_ = 0;
  int measured_ = 0;
  int stop_after_ = 1'000'000;
  std::set<Axis> seen_;
};

TEST_F(SearchTest, FollowsEachAxisUphill) {
  const TuneResult result = run([](const Setting& setting) {
    double rate = 1e6;
    if (setting.transport == Transport::kFile) rate *= 2;
    if (setting.ring_bytes == 1 << 20) rate *= 2;
    if (setting.batch_bytes == 64 * 1024) rate *= 2;
    return clean_row(100, rate);
  });
  EXPECT_TRUE(result.has_choice);
  EXPECT_EQ(result.chosen.transport, Transport::kFile);
  EXPECT_EQ(result.chosen.ring_bytes, std::size_t{1} << 20);
  EXPECT_EQ(result.chosen.batch_bytes, std::size_t{64} * 1024);
  EXPECT_EQ(result.chosen.poll_us, 100U);
  EXPECT_NEAR(result.confirmation.gain(Goal::kThroughput), 4, 1e-6);
  EXPECT_EQ(seen_.size(), 12U) << "every axis, and the confirmation";
  EXPECT_EQ(result.skipped, 0U);
}

TEST_F(SearchTest, TakesTheOnlyTransportForARequirement) {
  options_.transports = {Transport::kUdp};
  const TuneResult result = run([](const Setting&) { return clean_row(100, 1e6); });
  EXPECT_EQ(result.chosen.transport, Transport::kUdp);
  EXPECT_FALSE(seen_.contains(Axis::kTransport));
  EXPECT_TRUE(result.has_choice);
}

TEST_F(SearchTest, SaysThatAValueWasChosenForWhatTheHostKeeps) {
  options_.goal = Goal::kLatency;
  const TuneResult result = run([](const Setting& setting) {
    const bool is_slow = setting.poll_us >= 500;
    Row row = clean_row(is_slow ? 120 : 100, 1e6);
    row.cost = {is_slow ? 98.0 : 75.0, 0.1, 1, 0};
    return row;
  });
  EXPECT_EQ(result.chosen.poll_us, 500U);
  EXPECT_THAT(
      result.reasons,
      testing::Contains(HasSubstr("which keeps 98.0 % of the units where 100 us keeps 75.0 %")));
}

TEST_F(SearchTest, NeverChoosesTheFloorNorTheLoad) {
  const TuneResult result = run([](const Setting& setting) {
    double rate = setting.transport == Transport::kNull ? 1e9 : 1e6;
    rate *= static_cast<double>(setting.threads);
    return clean_row(100, rate);
  });
  EXPECT_EQ(result.chosen.transport, Transport::kTcp);
  EXPECT_EQ(result.chosen.threads, 1U);
}

TEST_F(SearchTest, ChoosesConnectionsForSeveralThreadsOnly) {
  const auto speed = [](const Setting& setting) {
    return clean_row(100, 1e6 * static_cast<double>(setting.pool_size));
  };
  EXPECT_EQ(run(speed).chosen.pool_size, 1U);
  options_.start.threads = 2;
  EXPECT_EQ(run(speed).chosen.pool_size, 4U);
}

TEST_F(SearchTest, GoesBackToTheDefaultsWhenTheChoiceDoesNotHold) {
  const TuneResult result = run([this](const Setting& setting) {
    const bool was_lucky = !seen_.contains(Axis::kConfirm) && setting.ring_bytes == 65536;
    const bool is_slow = seen_.contains(Axis::kConfirm) && setting != Setting{};
    return clean_row(100, was_lucky ? 9e6 : (is_slow ? 1e5 : 1e6));
  });
  EXPECT_EQ(result.chosen, result.defaults);
  EXPECT_THAT(result.reasons.back(), HasSubstr("the defaults stay"));
}

TEST_F(SearchTest, EndsWithinItsBudget) {
  const TuneResult result = run([](const Setting&) { return clean_row(100, 1e6); }, 10);
  EXPECT_LE(now_s_, 10);
  EXPECT_GT(result.skipped, 0U);
  EXPECT_FALSE(result.confirmation.defaults.empty());
}

TEST_F(SearchTest, ChoosesNoValueThatItCouldNotCompareWithTheCurrentOne) {
  options_.transports = {Transport::kFile};
  stop_after_ = 5;  // three idle strategies, and the first of the longest sleeps
  const TuneResult result = run([](const Setting& setting) {
    return clean_row(100, setting.max_poll_us == Setting{}.max_poll_us ? 1e6 : 2e6);
  });
  EXPECT_EQ(result.rows.back().axis, Axis::kMaxPoll);
  EXPECT_EQ(result.chosen.max_poll_us, Setting{}.max_poll_us);
}

TEST_F(SearchTest, KeepsWhatWasMeasuredWhenItIsStopped) {
  stop_after_ = 5;
  const TuneResult result = run([](const Setting&) { return clean_row(100, 1e6); });
  EXPECT_TRUE(result.is_interrupted);
  EXPECT_EQ(result.rows.size(), 4U) << "the one under way is not counted";
  EXPECT_TRUE(result.confirmation.defaults.empty());
}

TEST_F(SearchTest, RecommendsNothingWhenNoRowIsClean) {
  const TuneResult result = run([](const Setting&) { return faulty_row(1, 1e9, Fault::kLost); });
  EXPECT_FALSE(result.has_choice);
  EXPECT_TRUE(result.confirmation.defaults.empty());
}

TEST(Setting, VariesOneAxisAndHasTheCurrentValueAmongItsVariants) {
  const Setting from;
  for (const Axis axis : {Axis::kTransport, Axis::kIdle, Axis::kPoll, Axis::kMaxPoll, Axis::kQuiet,
                          Axis::kWake, Axis::kBatch, Axis::kRing, Axis::kThreads, Axis::kSize}) {
    for (const Extent extent : {Extent::kFull, Extent::kQuick}) {
      const std::vector<Setting> settings = variants(axis, from, extent);
      EXPECT_GT(settings.size(), 1U);
      EXPECT_THAT(settings, testing::Contains(from)) << name_of(axis);
      for (const Setting& setting : settings) {
        EXPECT_EQ(with_value(axis, setting, from), setting) << name_of(axis);
      }
    }
  }
}

// Every value that can be chosen, in the keys that a client and the engine read.
TEST(ChosenText, ConfiguresWhatWasMeasured) {
  for (const Axis axis : {Axis::kPoll, Axis::kMaxPoll, Axis::kQuiet, Axis::kWake, Axis::kBatch,
                          Axis::kRing, Axis::kPool}) {
    for (const Setting& setting : variants(axis, Setting{}, Extent::kFull)) {
      ValueMap engine_keys;
      for (const ValueEntry& entry : chosen_config(setting)) {
        if (entry.key.starts_with("engine_")) engine_keys.set(entry.key.substr(7), entry.value);
      }
      ClientOptions client;
      EngineOptions engine;
      EXPECT_TRUE(read_client_keys(chosen_config(setting), client).ok());
      EXPECT_TRUE(read_engine_keys(engine_keys, engine).ok());
      EXPECT_EQ(client.batch_bytes, setting.batch_bytes);
      EXPECT_EQ(client.pool_size, setting.pool_size);
      EXPECT_EQ(engine.ring_bytes, setting.ring_bytes);
      EXPECT_EQ(engine.poll_interval, std::chrono::microseconds(setting.poll_us));
      EXPECT_EQ(engine.max_poll_interval, std::chrono::microseconds(setting.max_poll_us));
      EXPECT_EQ(engine.idle_interval, std::chrono::microseconds(setting.idle_us));
      EXPECT_EQ(engine.wake_when_filling, setting.wakes);
    }
  }
}

TEST(ChosenText, LeavesDefaultsOutAndNamesWhatDiffers) {
  EXPECT_EQ(chosen_code(Setting{}), "auto client = metlog::open(\"tcp://127.0.0.1:5565\");\n");
  Setting setting;
  setting.transport = Transport::kUdpBatched;
  setting.ring_bytes = 65536;
  setting.pool_size = 2;
  EXPECT_EQ(chosen_code(setting),
            "metlog::EngineOptions engine_options;\n"
            "engine_options.ring_bytes = 65536;  // 64 KiB\n"
            "const absl::Status configured = metlog::Engine::configure(engine_options);  "
            "// before any open()\n"
            "metlog::ClientOptions client_options;\n"
            "client_options.pool_size = 2;\n"
            "auto client = metlog::open(\"udp://127.0.0.1:5565?batch=1\", client_options);\n");
  EXPECT_EQ(chosen_ini(setting),
            "[metlog]\nsender_url = udp://127.0.0.1:5565?batch=1\npool_size = 2\n"
            "engine_ring_bytes = 65536\n");
  EXPECT_EQ(only_in_code(setting), "");
  setting.max_poll_us = 1000;
  setting.idle_us = 20'000;
  setting.wakes = false;
  EXPECT_THAT(chosen_code(setting),
              HasSubstr("engine_options.max_poll_interval = std::chrono::microseconds(1000);\n"
                        "engine_options.idle_interval = std::chrono::microseconds(20000);\n"
                        "engine_options.wake_when_filling = false;\n"));
  EXPECT_THAT(chosen_ini(setting),
              HasSubstr("engine_max_poll_interval_us = 1000\nengine_idle_interval_us = 20000\n"
                        "engine_wake_when_filling = false\n"));
  setting.idle = Idle::kSpin;
  EXPECT_THAT(chosen_ini(setting), HasSubstr("# that the flusher spins has no key"));
  EXPECT_THAT(chosen_code(setting), HasSubstr("metlog::SpinIdle"));
  EXPECT_THAT(chosen_code(setting), HasSubstr("engine.open("));
}

}  // namespace
}  // namespace metlog
