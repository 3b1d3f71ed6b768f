// A recovery after every single machine instruction of a program that logs: what would be found if
// it had been killed there. METLOG_LONG_TEST=1 makes 3.5 million
// such states of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <ostream>
#include <string>
#include <utility>

#include "metlog/internal/flush/batch_memory.h"
#include "metlog/internal/recovery/recovery.h"
#include "metlog/internal/ring/ring_header.h"
#include "tests/faults/arrivals.h"
#include "tests/faults/oracle.h"
#include "tests/faults/stepped_program.h"
#include "tests/faults/tree_image.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/traced_child.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;

/// What a test must have seen: one that has not is void.
enum Sight : unsigned {
  kWrap = 1,
  kManyCells = 2,
  kLossMark = 4,
  kContext = 8,
  kContinuation = 16,
  kLaterPart = 32,  // a ring that got more memory
  kNewRing = 64,    // one that was made meanwhile
  kNewSite = 128,   // in the dictionary
  kNewClient = 256,
  kBatchReuse = 512,
  kBatchMoved = 1024,  // into a larger file
  kBatchSent = 2048,
  kNoSession = 4096,
  kLossReported = 8192,
};

struct Part {
  const char* name;
  void (SteppedProgram::*run)();
  std::size_t spare_rings;
  unsigned sights;
};
void PrintTo(const Part& part, std::ostream* out) { *out << part.name; }

class Stepped : public testing::TestWithParam<Part> {
 protected:
  void SetUp() override { fs::current_path(copy_.path()); }
  void TearDown() override { fs::current_path(before_); }

  /// Runs the program of this seed to its end.
  void run(unsigned seed) {
    oracle_.reset();
    for (const auto& entry : fs::directory_iterator(live_.path())) fs::remove_all(entry.path());
    TracedChild child([&] {
      fs::current_path(live_.path());
      SteppedProgram program(oracle_, seed, GetParam().spare_rings);
      (program.*GetParam().run)();
      ::_exit(0);
    });
    TreeImage image(live_.path());
    std::array<std::uint64_t, 2> calls{UINT64_MAX, 0};
    first_sizes_.clear();
    while (child.to_trap()) {
      bool has_run = true;
      while (oracle_.word() != 0 && child.to_instruction()) {
        ++states_;
        const std::array<std::uint64_t, 2> now{sum(&Oracle::begun), sum(&Oracle::returned)};
        const bool may_have_called =
            std::exchange(has_run, false) || child.may_have_called_system();
        if (!image.look(may_have_called) && now == calls) continue;
        calls = now;
        ++images_;
        look_around(image);
        image.copy_to(copy_.path());
        check();
        ASSERT_FALSE(HasFailure()) << "seed " << seed << ", state " << states_ << " in all";
      }
    }
    ASSERT_TRUE(child.has_returned());
  }

  std::uint64_t sum(std::uint64_t (Oracle::*of)(unsigned) const) const {
    return (oracle_.*of)(0) + (oracle_.*of)(1);
  }

  /// Recovers the copy, and judges what has come of it.
  void check() {
    std::uint64_t refused = 0;
    const auto recovery = Recovery::open(copy_.file("sessions"), {});
    if (recovery.ok()) {
      for (const RecoveryReport& report : (*recovery)->recover_all()) {
        EXPECT_EQ(report.left + report.lost + report.undecodable + report.damaged_cells, 0U);
        EXPECT_EQ(report.sent, report.found());
        EXPECT_THAT(report.complaints, testing::IsEmpty());
        refused += report.refused;
      }
      for (const auto& left : fs::directory_iterator(copy_.file("sessions"))) {
        // One that is not a session yet stays while its process lives.
        EXPECT_TRUE(left.path().filename().string().starts_with(".new.")) << left;
      }
    }
    const Arrivals arrivals(content_of(copy_.file("log.jsonl")));
    const std::uint64_t reported = arrivals.losses();
    EXPECT_EQ(arrivals.fault(oracle_, refused - std::min(refused, reported)), "");
    if (reported != 0) sights_ |= kLossReported;
  }

  void look_around(const TreeImage& image) {
    bool has_session = false;
    if (first_sizes_.empty()) {
      for (const TreeImage::File& file : image.files()) {
        first_sizes_[file.path] = file.contents.size();
      }
    }
    for (const TreeImage::File& file : image.files()) {
      const std::string extension = file.path.extension();
      const std::string& bytes = file.contents;
      const auto first = first_sizes_.find(file.path);
      const bool has_grown = first != first_sizes_.end() && bytes.size() > first->second;
      if (file.path.filename() == "dict" && has_grown) sights_ |= kNewSite;
      if (file.path.filename() == "clients" && has_grown) sights_ |= kNewClient;
      if (file.path.filename() == "session") has_session = true;
      if (extension == ".ring") look_at_ring(bytes, first == first_sizes_.end());
      if (extension == ".batch") look_at_batch(file.path.stem(), bytes);
    }
    if (!has_session) sights_ |= kNoSession;
  }

  void look_at_ring(const std::string& bytes, bool is_new) {
    RingHeader header;
    if (bytes.size() < kRingHeaderBytes) return;
    std::memcpy(static_cast<void*>(&header), bytes.data(), sizeof header);
    if (is_new && header.magic == kRingMagic) sights_ |= kNewRing;
    const std::uint64_t cells = header.file_cells.load(Order::kRelaxed);
    if (cells > 192) sights_ |= kLaterPart;
    for (std::size_t at = kRingHeaderBytes; at + kCellBytes <= bytes.size(); at += kCellBytes) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at, sizeof word);
      const RecordHeader head = RecordHeader::unpack(word);
      if (head.lap > 1) sights_ |= kWrap;
      if (head.cells > 1) sights_ |= kManyCells;
      if (head.cells == 0 || head.site == 0) continue;
      const auto kind = static_cast<ControlRecord>(head.site);
      if (kind == ControlRecord::kLoss) sights_ |= kLossMark;
      if (kind == ControlRecord::kContextSet) sights_ |= kContext;
      if (kind == ControlRecord::kContinuation) sights_ |= kContinuation;
    }
  }

  void look_at_batch(const std::string& name, const std::string& bytes) {
    BatchHeader header;
    if (bytes.size() < sizeof header) return;
    std::memcpy(static_cast<void*>(&header), bytes.data(), sizeof header);
    if (header.number.load(Order::kRelaxed) > 2) sights_ |= kBatchReuse;
    if (header.next.load(Order::kRelaxed) != 0) sights_ |= kBatchSent;
    if (!name.ends_with(".0")) sights_ |= kBatchMoved;
  }

  const OneProcessor one_processor_;
  const fs::path before_ = fs::current_path();
  const TempDir live_{"/dev/shm"};
  const TempDir copy_{"/dev/shm"};
  Oracle oracle_;
  std::map<fs::path, std::size_t> first_sizes_;
  unsigned sights_ = 0;
  std::uint64_t states_ = 0;
  std::uint64_t images_ = 0;  // states that differ from the one before
};

TEST_P(Stepped, LosesNothingAtAnyInstruction) {
  const bool is_long = std::getenv("METLOG_LONG_TEST") != nullptr;
  const std::uint64_t states = is_long ? 400'000 : 10'000;
  for (unsigned seed = 1; states_ < states; ++seed) ASSERT_NO_FATAL_FAILURE(run(seed));
  std::printf("%llu states, %llu of them different\n", static_cast<unsigned long long>(states_),
              static_cast<unsigned long long>(images_));
  EXPECT_EQ(GetParam().sights & ~sights_, 0U) << "not seen, so this test says nothing";
}

INSTANTIATE_TEST_SUITE_P(
    Parts, Stepped,
    testing::Values(Part{"Writer", &SteppedProgram::write, 1,
                         kWrap | kManyCells | kLossMark | kContext | kLossReported},
                    Part{"Beginning", &SteppedProgram::begin, 0, kNewRing | kNewSite | kNewClient},
                    Part{"Succession", &SteppedProgram::succeed, 0, kContext | kBatchReuse},
                    Part{"Growth", &SteppedProgram::grow, 1,
                         kContinuation | kLaterPart | kNewRing | kManyCells},
                    Part{"Pool", &SteppedProgram::grow_in_pool, 1, kContinuation},
                    Part{"Flusher", &SteppedProgram::flush, 1,
                         kBatchReuse | kBatchMoved | kBatchSent | kContext | kLossReported},
                    Part{"Reopening", &SteppedProgram::reopen, 1, kNewClient | kBatchSent},
                    Part{"End", &SteppedProgram::end, 1, kNewClient | kLossReported | kNoSession}),
    [](const testing::TestParamInfo<Part>& part) { return part.param.name; });

}  // namespace
}  // namespace metlog
