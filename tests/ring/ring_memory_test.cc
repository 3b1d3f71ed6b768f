#include "metlog/internal/ring/ring_memory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>

#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/ring/ring_reader.h"
#include "metlog/internal/ring/ring_writer.h"
#include "tests/support/small_file_system.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;

// True where rings get their memory part by part: RingMemory says when.
bool knows_populate() { return madvise(nullptr, 0, 23) == 0; }

/// A directory in memory of a given size, which needs root, and a ring of 4,096 cells in it.
class SmallDirectory {
 public:
  explicit SmallDirectory(const char* options)
      : file_system_(fs::temp_directory_path() / ("metlog-ring-" + std::to_string(getpid())),
                     options),
        fd_(open(file_system_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

  [[nodiscard]] bool is_mounted() const { return file_system_.is_mounted(); }
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] std::uint64_t allocated_bytes() const {
    struct stat status {};
    stat((file_system_.path() / "r000.ring").c_str(), &status);
    return static_cast<std::uint64_t>(status.st_blocks) * 512;
  }
  /// Takes all that is left, but for `left` bytes.
  void fill_but(std::uint64_t left) {
    const UniqueFd file(openat(fd(), "fill", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const std::uint64_t free = fs::space(file_system_.path()).available;
    ASSERT_EQ(posix_fallocate(file.get(), 0, static_cast<off_t>(free - left)), 0);
  }
  [[nodiscard]] std::uint64_t free_bytes() const {
    return fs::space(file_system_.path()).available;
  }

 private:
  SmallFileSystem file_system_;
  UniqueFd fd_;
};

constexpr unsigned kCellsLog2 = 12;
constexpr std::uint64_t kCells = std::uint64_t{1} << kCellsLog2;

class RingMemoryTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!directory_.is_mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
    if (!knows_populate()) GTEST_SKIP() << "before Linux 5.14 rings have all their memory";
  }
  SmallDirectory directory_{"size=1m,mode=0700"};
};

TEST_F(RingMemoryTest, HasTwelveKilobytesUntilItIsExtendedToAll) {
  RingMemory ring({.directory_fd = directory_.fd()}, kCellsLog2);
  ASSERT_TRUE(ring.is_file());
  EXPECT_EQ(directory_.allocated_bytes(), 12288U);
  std::uint64_t times = 0;
  while (ring.ready_cells() < kCells) {
    const std::uint64_t before = ring.ready_cells();
    EXPECT_EQ(directory_.allocated_bytes(), kRingHeaderBytes + before * kCellBytes);
    EXPECT_EQ(ring.header().file_cells.load(Order::kRelaxed), before);
    ASSERT_TRUE(ring.extend(before + 1));
    EXPECT_GT(ring.ready_cells(), before);
    ++times;
  }
  EXPECT_EQ(times, 4U);
  EXPECT_EQ(directory_.allocated_bytes(), ring.bytes());
  EXPECT_TRUE(ring.is_file());
}

TEST_F(RingMemoryTest, IsExtendedAtOnceByWhatALargeRecordNeeds) {
  RingMemory ring({.directory_fd = directory_.fd()}, kCellsLog2);
  ASSERT_TRUE(ring.extend(1500));
  EXPECT_GE(ring.ready_cells(), 1500U);
  EXPECT_LT(ring.ready_cells(), kCells);
  ASSERT_TRUE(ring.extend(kCells + 5));
  EXPECT_EQ(ring.ready_cells(), kCells);
}

TEST_F(RingMemoryTest, GetsItsNextPartFromTheFlusherOnceHalfOfTheFirstIsUsed) {
  RingMemory ring({.directory_fd = directory_.fd()}, kCellsLog2);
  ring.prepare_extension(ring.ready_cells() / 2 - 1);
  EXPECT_EQ(directory_.allocated_bytes(), 12288U);
  ring.prepare_extension(ring.ready_cells() / 2);
  const std::uint64_t prepared = directory_.allocated_bytes();
  EXPECT_GT(prepared, 12288U);
  ASSERT_TRUE(ring.extend(ring.ready_cells() + 1));
  EXPECT_EQ(directory_.allocated_bytes(), prepared);
}

// At every size of what is left: the part that the file has stays there, the rest is usable.
TEST_F(RingMemoryTest, GoesOnInAnonymousMemoryWhereTheFileSystemIsFull) {
  RingMemory ring({.directory_fd = directory_.fd()}, kCellsLog2);
  const std::uint64_t first = ring.ready_cells();
  ring.cells()[first - 1].stamp = 42;
  ASSERT_NO_FATAL_FAILURE(directory_.fill_but(8192));
  ring.prepare_extension(first);
  ASSERT_TRUE(ring.extend(first + 1));
  EXPECT_FALSE(ring.is_file());
  EXPECT_EQ(ring.file_error(), ENOSPC);
  EXPECT_EQ(ring.header().file_cells.load(Order::kRelaxed), first);
  EXPECT_EQ(directory_.free_bytes(), 8192U) << "what was allocated in vain is given back";
  while (ring.ready_cells() < kCells) ASSERT_TRUE(ring.extend(ring.ready_cells() + 1));
  std::memset(static_cast<void*>(ring.cells() + first), 0x5a, (kCells - first) * kCellBytes);
  EXPECT_EQ(ring.cells()[first - 1].stamp, 42U);
  EXPECT_EQ(directory_.allocated_bytes(), 12288U);
}

// Neither the file system nor the process's limit has any: nothing changes until one of them does.
TEST_F(RingMemoryTest, StaysAsItIsWhereNoMemoryIsLeftAtAll) {
  RingMemory ring({.directory_fd = directory_.fd()}, kCellsLog2);
  const std::uint64_t first = ring.ready_cells();
  ASSERT_NO_FATAL_FAILURE(directory_.fill_but(0));
  rlimit before{};
  getrlimit(RLIMIT_DATA, &before);
  const rlimit none{4096, before.rlim_max};
  setrlimit(RLIMIT_DATA, &none);
  const bool is_extended = ring.extend(first + 1);
  setrlimit(RLIMIT_DATA, &before);
  EXPECT_FALSE(is_extended);
  EXPECT_TRUE(ring.is_file());
  EXPECT_EQ(ring.ready_cells(), first);
  ASSERT_EQ(unlinkat(directory_.fd(), "fill", 0), 0);
  EXPECT_TRUE(ring.extend(first + 1));
  EXPECT_TRUE(ring.is_file());
}

TEST_F(RingMemoryTest, HasNoFileWhereNotEvenItsFirstPartFits) {
  ASSERT_NO_FATAL_FAILURE(directory_.fill_but(8192));
  RingMemory ring({.directory_fd = directory_.fd()}, kCellsLog2);
  ASSERT_TRUE(ring.is_valid());
  EXPECT_FALSE(ring.is_file());
  EXPECT_EQ(ring.file_error(), ENOSPC);
  EXPECT_NE(faccessat(directory_.fd(), "r000.ring", F_OK, 0), 0);
}

TEST_F(RingMemoryTest, HasAllOfItAtOnceWhereThatIsWanted) {
  const RingMemory ring({.directory_fd = directory_.fd(), .is_whole = true}, kCellsLog2);
  EXPECT_EQ(ring.ready_cells(), kCells);
  EXPECT_EQ(ring.header().file_cells.load(Order::kRelaxed), kCells);
  EXPECT_EQ(directory_.allocated_bytes(), ring.bytes());
}

TEST(RingMemory, InAnonymousMemoryIsExtendedToo) {
  RingMemory ring({}, kCellsLog2);
  ASSERT_TRUE(ring.is_valid());
  while (ring.ready_cells() < kCells) ASSERT_TRUE(ring.extend(ring.ready_cells() + 1));
  EXPECT_EQ(ring.file_error(), 0);
}

/// A ring whose cells without memory end the process when they are touched.
class GuardedRing {
 public:
  explicit GuardedRing(bool wakes)
      : bytes_(kCells * kCellBytes),
        cells_(static_cast<Cell*>(
            mmap(nullptr, bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))),
        reader_(cells_, kCellsLog2, &positions_, 0) {
    open_to(kPageCells);
    reader_.serve(&freed_);
    writer_.set_wakes(wakes, false);
    writer_.attach(cells_, kCellsLog2, &positions_, &freed_, 0);
    writer_.set_ready(ready_);
  }
  ~GuardedRing() { munmap(cells_, bytes_); }
  GuardedRing(const GuardedRing&) = delete;
  GuardedRing& operator=(const GuardedRing&) = delete;

  /// As a call does: on the hot path if that is open.
  void write(std::uint64_t cells) {
    if (Cell* const first = writer_.try_reserve_cells(cells, Priority::kNormal)) {
      fill(first, cells);
      return writer_.publish_cells(first, cells, pack_header(cells, 0, 7));
    }
    if (!writer_.is_ready_for(cells)) {
      open_to(writer_.ready_for(cells) + kPageCells);
      writer_.set_ready(ready_);
    }
    ASSERT_TRUE(writer_.try_make_room(cells, Priority::kNormal));
    for (std::uint64_t i = 0; i < cells; ++i) fill(&writer_.cell_at(writer_.pos() + i), 1);
    writer_.commit(cells, pack_header(cells, 0, 7));
  }
  /// As the flusher does; returns the number of records.
  std::uint64_t read_all() {
    std::uint64_t records = 0;
    static_cast<void>(reader_.is_past_quarter(ready_));
    for (; reader_.peek() != 0; ++records) {
      reader_.advance(RecordHeader::unpack(reader_.peek()).cells);
    }
    reader_.release_space();
    return records;
  }
  [[nodiscard]] bool is_whole() const { return ready_ == kCells; }

 private:
  static constexpr std::uint64_t kPageCells = 4096 / kCellBytes;

  static void fill(Cell* cells, std::uint64_t count) {
    std::memset(static_cast<void*>(cells[0].args), 1, sizeof cells[0].args);
    for (std::uint64_t i = 1; i < count; ++i) cells[i].stamp = i;
  }
  void open_to(std::uint64_t cells) {
    ready_ = cells >= kCells ? kCells : cells / kPageCells * kPageCells;
    ASSERT_EQ(mprotect(cells_, ready_ * kCellBytes, PROT_READ | PROT_WRITE), 0);
  }

  std::size_t bytes_;
  Cell* cells_;
  std::uint64_t ready_ = 0;
  RingPositions positions_{};
  PlainAtomic<std::uint64_t> freed_{};
  RingWriter writer_;
  RingReader reader_;
};

TEST(RingMemory, IsNeverTouchedByEitherEndWhereACellHasNone) {
  std::mt19937 random(1);
  for (int run = 0; run < 400; ++run) {
    GuardedRing ring(run % 2 == 0);
    const std::uint64_t longest = std::uint64_t{1} << (random() % 6);  // up to the hot path's 32
    std::uint64_t written = 0;
    std::uint64_t read = 0;
    while (!ring.is_whole() || written % 100 != 0) {
      ASSERT_NO_FATAL_FAILURE(ring.write(1 + random() % longest));
      ++written;
      if (random() % 8 == 0) read += ring.read_all();
    }
    EXPECT_EQ(read + ring.read_all(), written);
  }
}

}  // namespace
}  // namespace metlog
