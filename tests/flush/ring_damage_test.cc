// Something writes over a ring: the flusher goes on at the next whole record, counts what is
// missing, and the host lives.

#include "metlog/internal/flush/ring_damage.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "metlog/metlog.h"
#include "senders/sender/capture_sender.h"
#include "tests/support/messages.h"
#include "tests/support/sanitized.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

/// An engine that is stepped, with one client.
struct SteppedEngine {
  std::shared_ptr<Capture> capture = std::make_shared<Capture>();
  Engine engine{Engine::Parts{
      {.session_directory = "none"}, Engine::Threads::kNone, nullptr, nullptr, 0, ""}};
  Client client = engine.open(std::make_unique<CaptureSender>(capture)).value();
};

/// A ring with records of this thread, which the flusher has not seen, and what became of them.
class DamagedRing {
 public:
  static constexpr int kRecords = 400;

  /// Writes them: numbers 0 to kRecords - 1, of one cell or of several.
  explicit DamagedRing(bool is_long = false) : is_long_(is_long) {
    // Not from the beginning of a lap.
    for (int i = 0; i < 100; ++i) log(-1);
    step_until_quiet(stepped_.engine);
    for (int i = 0; i < kRecords; ++i) {
      places_.push_back(producer().writer.pos());
      log(i);
    }
  }

  Cell& cell_of(int number) {
    return producer().writer.cell_at(places_[static_cast<std::size_t>(number)]);
  }
  /// The bytes from a record's first cell on.
  unsigned char* bytes_of(int number) { return reinterpret_cast<unsigned char*>(&cell_of(number)); }
  /// Replaces parts of a record's head.
  void set_head(int number, const std::function<void(RecordHeader&)>& change) {
    Cell& cell = cell_of(number);
    RecordHeader head = RecordHeader::unpack(cell.head.load(Order::kRelaxed));
    change(head);
    cell.head.store(pack_header(head.cells, head.client, head.site) | head.lap, Order::kRelaxed);
  }
  std::uint8_t lap_at(int number) {
    return static_cast<std::uint8_t>(cell_of(number).head.load(Order::kRelaxed));
  }

  void log(int number) {
    if (is_long_) {
      METLOG_INFO(stepped_.client, "{} {}", number, std::string(200, 'x'));
    } else {
      METLOG_INFO(stepped_.client, "{}", number);
    }
  }

  /// Lets the flusher find it, logs another hundred, closes, and returns the numbers that came.
  std::set<int> close() {
    step_until_quiet(stepped_.engine);
    for (int i = kRecords; i < kRecords + 100; ++i) log(i);
    stepped_.client.close(std::chrono::seconds(10));
    std::set<int> numbers;
    for (const std::string& message : stepped_.capture->messages()) {
      if (is_loss(message)) {
        told_ += loss_count(message);
        EXPECT_EQ(loss_reason(message), "damaged");
      } else if (const std::string payload = payload_of(message);
                 !payload.empty() && payload[0] != '-' &&
                 payload.find_first_of("0123456789") == 0) {
        numbers.insert(std::stoi(payload));
      }
    }
    const Ledger ledger = stepped_.client.stats();
    EXPECT_EQ(ledger.emitted, ledger.sent + ledger.lost.total());
    EXPECT_EQ(ledger.lost.total(), ledger.lost[LossReason::kDamaged]);
    EXPECT_EQ(told_, ledger.lost[LossReason::kDamaged]) << "in the stream, too";
    lost_ = ledger.lost[LossReason::kDamaged];
    return numbers;
  }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

 private:
  static Producer& producer() { return *t_producer; }

  const bool is_long_;
  SteppedEngine stepped_;
  std::vector<std::uint64_t> places_;
  std::uint64_t told_ = 0;
  std::uint64_t lost_ = 0;
};

struct Kind {
  const char* name;
  bool is_long;
  std::function<void(DamagedRing&, int)> damage;
};

std::ostream& operator<<(std::ostream& out, const Kind& kind) { return out << kind.name; }

class RingDamageOf : public testing::TestWithParam<Kind> {};

TEST_P(RingDamageOf, LosesTheRecordAndCountsIt) {
  for (const int victim : {0, 150, DamagedRing::kRecords - 1}) {
    SCOPED_TRACE(victim);
    DamagedRing ring(GetParam().is_long);
    GetParam().damage(ring, victim);
    const std::set<int> numbers = ring.close();
    EXPECT_EQ(numbers.size(), std::size_t{DamagedRing::kRecords} + 100 - 1);
    EXPECT_FALSE(numbers.contains(victim));
    EXPECT_EQ(ring.lost(), 1U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, RingDamageOf,
    testing::Values(
        Kind{"no_cells", false,
             [](auto& ring, int i) { ring.set_head(i, [](auto& head) { head.cells = 0; }); }},
        Kind{"too_many_cells", false,
             [](auto& ring, int i) { ring.set_head(i, [](auto& head) { head.cells = 60'000; }); }},
        Kind{"more_cells", false,
             [](auto& ring, int i) { ring.set_head(i, [](auto& head) { head.cells = 7; }); }},
        Kind{"more_cells_of_several", true,
             [](auto& ring, int i) { ring.set_head(i, [](auto& head) { head.cells = 300; }); }},
        Kind{"fewer_cells", true,
             [](auto& ring, int i) { ring.set_head(i, [](auto& head) { head.cells = 0; }); }},
        Kind{"a_continuation_of_another_lap", true,
             [](auto& ring, int i) {
               Cell& next = *(&ring.cell_of(i) + 1);
               next.head.store(next.head.load(Order::kRelaxed) + 5, Order::kRelaxed);
             }},
        Kind{"a_continuation_like_a_header", true,
             [](auto& ring, int i) {
               Cell& next = *(&ring.cell_of(i) + 1);
               next.head.store(next.head.load(Order::kRelaxed) | pack_header(1, 0, 9),
                               Order::kRelaxed);
             }},
        Kind{"no_such_site", false,
             [](auto& ring, int i) { ring.set_head(i, [](auto& head) { head.site = 0xabcdef; }); }},
        Kind{"no_such_slot", false,
             [](auto& ring, int i) { ring.set_head(i, [](auto& head) { head.client = 0x1234; }); }},
        Kind{"another_lap", false,
             [](auto& ring, int i) { ring.set_head(i, [](auto& head) { head.lap += 9; }); }},
        Kind{"the_lap_before", false,
             [](auto& ring, int i) { ring.set_head(i, [](auto& head) { --head.lap; }); }},
        Kind{"zeros", false,
             [](auto& ring, int i) { std::memset(ring.bytes_of(i), 0, kCellBytes); }},
        Kind{"ones", true,
             [](auto& ring, int i) { std::memset(ring.bytes_of(i), 0xff, kCellBytes); }}),
    [](const auto& kind) { return std::string(kind.param.name); });

TEST(RingDamage, AStampInTheFarFutureHoldsNothingUp) {
  DamagedRing ring;
  ring.cell_of(150).stamp += std::uint64_t{1} << 50;
  EXPECT_EQ(ring.close().size(), std::size_t{DamagedRing::kRecords} + 100);
  EXPECT_EQ(ring.lost(), 0U);
}

TEST(RingDamage, RandomBytesCostLessThanATwentiethOfWhatFollows) {
  std::mt19937_64 random(4242);
  std::size_t least = SIZE_MAX;
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    DamagedRing ring(round % 2 == 1);
    const int victim = static_cast<int>(random() % (DamagedRing::kRecords - 10));
    unsigned char* const at = ring.bytes_of(victim) + random() % kCellBytes;
    for (std::size_t i = 0; i < 64; ++i) at[i] = static_cast<unsigned char>(random());
    const std::set<int> numbers = ring.close();
    std::size_t after = 0;
    for (const int number : numbers) after += static_cast<std::size_t>(number > victim + 2);
    const std::size_t all = static_cast<std::size_t>(DamagedRing::kRecords + 100 - victim - 3);
    ASSERT_GE(after * 100, all * 95);
    least = std::min(least, after * 1000 / all);
  }
  RecordProperty("least_per_mille", static_cast<int>(least));
}

TEST(RingDamage, OfAnEndedThreadsLastRecordIsCounted) {
  SteppedEngine test;
  std::thread([&] {
    for (int i = 0; i < 10; ++i) METLOG_INFO(test.client, "{}", i);
    RingWriter& writer = t_producer->writer;
    std::memset(static_cast<void*>(&writer.cell_at(writer.pos() - 1)), 0, kCellBytes);
  }).join();
  step_until_quiet(test.engine);
  test.client.close(std::chrono::seconds(10));
  EXPECT_EQ(test.client.stats().lost[LossReason::kDamaged], 1U);
  EXPECT_EQ(test.client.stats().sent, 9U);
}

// Before the others, as it is said at most every 10 seconds.
TEST(RingDamageDeathTest, IsSaidOnStandardError) {
  const auto damage = [](const auto& change) {
    DamagedRing ring;
    ring.set_head(150, change);
    ring.close();
    std::exit(0);
  };
  const char* const said =
      "something has written over ring 0 of thread [0-9]+, at position 250: 1 ";
  EXPECT_EXIT(damage([](RecordHeader& head) { head.cells = 0; }), testing::ExitedWithCode(0), said);
  EXPECT_EXIT(damage([](RecordHeader& head) { head.site = 0xabcdef; }), testing::ExitedWithCode(0),
              said);
}

TEST(RingDamage, StopsNeitherTheWriterNorTheFlusher) {
  if (kSanitizer) GTEST_SKIP() << "writes where others read";
  const auto capture = std::make_shared<Capture>();
  Engine engine{
      Engine::Parts{{.session_directory = "none"}, Engine::Threads::kOwn, nullptr, nullptr, 0, ""}};
  Client client = engine.open(std::make_unique<CaptureSender>(capture)).value();
  constexpr std::uint64_t kCalls = 200'000;
  std::thread([&] {
    std::mt19937_64 random(4243);
    for (std::uint64_t i = 0; i < kCalls; ++i) {
      METLOG_INFO(client, "{} {}", i, std::string(random() % 100, 'x'));
      if (i % 1000 != 999) continue;
      RingWriter& writer = t_producer->writer;
      Cell& victim = writer.cell_at(writer.pos() - 1 - random() % 30);
      for (std::size_t at = 0; at < sizeof victim; at += 8) {
        const std::uint64_t word = random();
        std::memcpy(reinterpret_cast<unsigned char*>(&victim) + at, &word, sizeof word);
      }
    }
  }).join();
  const auto begin = std::chrono::steady_clock::now();
  client.close(std::chrono::seconds(20));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  const Ledger ledger = client.stats();
  EXPECT_EQ(ledger.emitted, kCalls);
  EXPECT_EQ(ledger.emitted, ledger.sent + ledger.lost.total());
  EXPECT_LE(ledger.lost[LossReason::kDamaged], 400U);
  EXPECT_EQ(ledger.lost[LossReason::kExpired], 0U);
}

TEST(RingDamage, OfFreeCellsIsNone) {
  testing::internal::CaptureStderr();
  DamagedRing ring;
  unsigned char* const next = ring.bytes_of(DamagedRing::kRecords - 1) + kCellBytes;
  std::memset(next, 0x5a, 8 * kCellBytes);
  EXPECT_EQ(ring.close().size(), std::size_t{DamagedRing::kRecords} + 100);
  EXPECT_EQ(ring.lost(), 0U);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace metlog
