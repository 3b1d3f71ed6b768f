// The keys of a configuration for the options that code has: ClientOptions and EngineOptions.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/client_config.h"
#include "metlog/internal/client/option_keys.h"
#include "metlog/internal/engine/client_state.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

class OptionKeys : public testing::Test {
 protected:
  OptionKeys() {
    how_.engine = &engine_.engine();
    how_.holder = &holder_;
    how_.reading.environment = [](std::string_view name) {
      return name == "COUNT" ? std::optional<std::string>("8") : std::nullopt;
    };
  }
  absl::StatusOr<Client> of_text(const std::string& lines) {
    return client_from_text_config("[metlog]\nsender_url = null:\n" + lines, "metlog", how_);
  }
  std::string error_of(const std::string& lines) {
    return std::string(of_text(lines).status().message());
  }

  TestEngine engine_;
  Holder holder_{engine_.engine()};
  Configuring how_;
};

TEST_F(OptionKeys, SetTheOptionsOfTheClient) {
  std::vector<std::string> unknown;
  how_.unknown_keys = &unknown;
  const absl::StatusOr<Client> client = of_text(
      "min_severity = 4\npool_size = 2\nbatch_bytes = 65536\nbatch_count = ${COUNT}\n"
      "grow_limit_bytes = 1048576\nclose_limit_ms = 500\nwhen_full = grow\nstamped_by = flusher\n"
      "timer_resolution = milliseconds\n");
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_THAT(unknown, IsEmpty());
  const ClientOptions& options = state_of(*client)->options;
  EXPECT_EQ(options.min_severity, Severity::kWarning);
  EXPECT_EQ(options.pool_size, 2U);
  EXPECT_EQ(options.batch_bytes, 65'536U);
  EXPECT_EQ(options.batch_count, 8U);
  EXPECT_EQ(options.grow_limit_bytes, 1'048'576U);
  EXPECT_EQ(options.close_limit, 500ms);
  EXPECT_EQ(options.when_full, WhenFull::kGrow);
  EXPECT_EQ(options.stamped_by, StampedBy::kFlusher);
  EXPECT_EQ(options.timer_resolution, TimerResolution::kMilliseconds);
}

TEST_F(OptionKeys, LeaveOptionsThatTheyDoNotName) {
  how_.options.pool_size = 3;
  how_.options.when_full = WhenFull::kBlock;
  const absl::StatusOr<Client> none = of_text("");
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(state_of(*none)->options.pool_size, 3U) << "a sender_url takes the client's";
  EXPECT_EQ(state_of(*none)->options.when_full, WhenFull::kBlock);
  const absl::StatusOr<Client> one = of_text("sender_pool_size = 2\nwhen_full = drop\n");
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(state_of(*one)->options.pool_size, 2U);
  EXPECT_EQ(state_of(*one)->options.when_full, WhenFull::kDrop);
}

TEST_F(OptionKeys, TakeLevelsByNumberAndByName) {
  const auto level = [this](const std::string& value) {
    const absl::StatusOr<Client> client = of_text("min_severity = " + value + "\n");
    return client.ok() ? state_of(*client)->options.min_severity : std::nullopt;
  };
  EXPECT_EQ(level("4"), Severity::kWarning);
  EXPECT_EQ(level("8"), Severity::kTrace);
  EXPECT_EQ(level("trace"), Severity::kTrace);
  EXPECT_EQ(level("WARN"), Severity::kWarning);
  EXPECT_EQ(level("off"), kSeverityOff);
}

TEST_F(OptionKeys, NameThePlaceAndWhatTheyTake) {
  const std::string place = "<text>:3: [metlog] ";
  EXPECT_EQ(error_of("when_full = wait\n"),
            place + "when_full = \"wait\": takes drop, block or grow");
  EXPECT_EQ(error_of("stamped_by = 1\n"), place + "stamped_by = 1: takes caller or flusher");
  EXPECT_EQ(error_of("pool_size = 65\n"),
            place + "pool_size = 65: takes a whole number from 1 to 64");
  EXPECT_EQ(error_of("batch_bytes = 0\n"),
            place + "batch_bytes = 0: takes a whole number from 1 to 1073741824");
  EXPECT_EQ(error_of("batch_count = many\n"),
            place + "batch_count = \"many\": takes a whole number from 1 to 65536");
  EXPECT_EQ(error_of("min_severity = 9\n"),
            place +
                "min_severity = 9: takes 0 to 8 or emergency, alert, critical, error, warning, "
                "notice, info, debug, trace, off");
  EXPECT_EQ(error_of("min_severity = warnin\n"),
            place + "min_severity = \"warnin\": is no level; did you mean warning?");
  EXPECT_EQ(error_of("close_limit_ms = -1\n"),
            place + "close_limit_ms = -1: takes a whole number from 0 to 3600000");
  EXPECT_THAT(error_of("engine_ring_byte = 4096\n"),
              HasSubstr("<text>:3: [metlog] engine_ring_byte = 4096: is unknown here; takes "
                        "ring_bytes, max_ring_bytes"));
  EXPECT_EQ(error_of("engine_ring_bytes = 5000\n"),
            place + "engine_ring_bytes = 5000: takes a power of two from 4096 to 67108864");
  EXPECT_EQ(error_of("engine_poll_interval_us = 0\n"),
            place + "engine_poll_interval_us = 0: takes a whole number from 1 to 500000");
  EXPECT_EQ(error_of("engine_max_poll_interval_us = 500001\n"),
            place + "engine_max_poll_interval_us = 500001: takes a whole number from 1 to 500000");
  EXPECT_EQ(error_of("engine_wake_severity = 5\n"),
            place + "engine_wake_severity = 5: takes a whole number from 0 to 4");
  EXPECT_EQ(error_of("engine_crash_drain_limit_ms = 60001\n"),
            place + "engine_crash_drain_limit_ms = 60001: takes a whole number from 0 to 60000");
  EXPECT_EQ(error_of("engine_recover = always\n"),
            place + "engine_recover = \"always\": takes all, own or none");
  EXPECT_EQ(error_of("engine_thread_nice = 20\n"),
            place + "engine_thread_nice = 20: takes a whole number from -20 to 19");
  EXPECT_EQ(error_of("engine_thread_name = too_long_a_name\n"),
            place +
                "engine_thread_name = \"too_long_a_name\": takes 1 to 9 characters of ASCII, no "
                "spaces");
  EXPECT_EQ(error_of("engine_thread_affinity = 0,3-1\n"),
            place +
                "engine_thread_affinity = \"0,3-1\": the range '3-1' goes downwards; it takes CPU "
                "numbers and ranges, such as 0,2-3");
  EXPECT_THAT(error_of("engine_thread_affinity = \"\"\n"), HasSubstr("it names no CPU"));
  EXPECT_EQ(error_of("engine_use_tsc = 2\n"), place + "engine_use_tsc = 2: takes true or false");
  EXPECT_THAT(error_of("engine_max_ring_bytes = 4096\n"),
              HasSubstr("engine_max_ring_bytes = 4096: max_ring_bytes, those of all rings, is less "
                        "than ring_bytes"));
}

TEST_F(OptionKeys, ThatAreNullMeanTheDefault) {
  const absl::StatusOr<Client> client =
      client_from_json_config(R"({"sender": {"url": "null:", "pool_size": null}, "engine": null,
                                  "when_full": null, "batch_bytes": null})",
                              how_);
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ(state_of(*client)->options.batch_bytes, ClientOptions().batch_bytes);
  EXPECT_EQ(error_of("engine = 5\n"),
            "<text>:3: [metlog] engine = 5: takes a map of keys and values");
}

TEST_F(OptionKeys, OfTheEngineAreRead) {
  EngineOptions options;
  const ValueMap keys = {{"ring_bytes", 65'536},
                         {"max_ring_bytes", "1048576"},
                         {"spare_rings", 0},
                         {"poll_interval_us", 250},
                         {"use_tsc", false},
                         {"session_directory", "none"},
                         {"crash_handler", true},
                         {"crash_drain_limit_ms", "1500"},
                         {"recover", "own"},
                         {"leftover_bytes", "1048576"},
                         {"max_poll_interval_us", 2000},
                         {"idle_interval_us", "50000"},
                         {"wake_when_filling", false},
                         {"wake_severity", 3},
                         {"thread_name", "shop"},
                         {"thread_nice", "-5"},
                         {"thread_affinity", ValueList{0, "2-3"}},
                         {"linger_us", 0}};
  ASSERT_TRUE(read_engine_keys(keys, options).ok());
  EXPECT_EQ(options.ring_bytes, 65'536U);
  EXPECT_EQ(options.max_ring_bytes, 1'048'576U);
  EXPECT_EQ(options.spare_rings, 0U);
  EXPECT_EQ(options.poll_interval, 250us);
  EXPECT_EQ(options.max_poll_interval, 2ms);  // engine_max_poll_interval_us
  EXPECT_EQ(options.idle_interval, 50ms);     // engine_idle_interval_us
  EXPECT_FALSE(options.wake_when_filling);    // engine_wake_when_filling
  EXPECT_EQ(options.wake_severity, Severity::kError);
  EXPECT_EQ(options.thread_name, "shop");       // engine_thread_name
  EXPECT_EQ(options.thread_nice, -5);           // engine_thread_nice
  EXPECT_EQ(options.thread_affinity, "0,2-3");  // engine_thread_affinity
  EXPECT_TRUE(read_engine_keys({{"thread_affinity", 1}}, options).ok());
  EXPECT_EQ(options.thread_affinity, "1");
  EXPECT_EQ(options.linger, 0ns);  // engine_linger_us
  EXPECT_FALSE(options.use_tsc);
  EXPECT_EQ(options.session_directory, "none");
  EXPECT_TRUE(options.crash_handler);                         // engine_crash_handler
  EXPECT_EQ(options.crash_drain_limit, 1500ms);               // engine_crash_drain_limit_ms
  EXPECT_EQ(options.recover, Recover::kOwnProgram);           // engine_recover
  EXPECT_EQ(options.leftover_bytes, std::uint64_t{1} << 20);  // engine_leftover_bytes
}

TEST_F(OptionKeys, OfARunningEngineMustBeItsOwn) {
  EXPECT_EQ(engine_.engine().options().session_directory, "none");
  EXPECT_TRUE(of_text("engine_session_directory = none\n").ok());
  EXPECT_TRUE(of_text("engine_session_directory = none\nengine_ring_bytes = 262144\n").ok());
  const absl::Status other = of_text("engine_spare_rings = 2\nengine_ring_bytes = 4096\n").status();
  EXPECT_EQ(other.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(other.message(),
            "<text>:4: [metlog] engine_ring_bytes = 4096: the process's engine runs already with "
            "another value; give this key to the first client that the process opens, or leave it "
            "out");
  absl::StatusOr<Client> living = of_text("");
  ASSERT_TRUE(living.ok());
  const absl::Status changed = client_from_dict_config(
      {{"sender_url", "null:"}, {"engine", ValueMap{{"spare_rings", 9}}}}, *living, how_);
  EXPECT_EQ(changed.code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace metlog
