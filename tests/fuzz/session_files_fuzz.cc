// Reads arbitrary bytes as one file of a session: a ring, a batch, the dictionary, the clients.
// Whatever they hold, reading ends within a second and takes 4 times their bytes at most; every
// record of a ring is whole and in its place, every message of a batch is inside of its text.
// session_fuzz.cc delivers what such files hold.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "metlog/internal/recovery/batch_image.h"
#include "metlog/internal/recovery/ring_image.h"
#include "metlog/internal/recovery/session_tables.h"
#include "tests/fuzz/fuzz_cost.h"

namespace metlog {
namespace {

// A page of header, which a short input has not, and what a call allocates besides.
constexpr std::size_t kExtraBytes = 64 * 1024;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

/// A file without a name.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : fd_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    require(::write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "full");
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  [[nodiscard]] int fd() const { return fd_; }
  /// Makes it larger without giving it memory.
  void add_hole(std::uint64_t bytes) const { (void)!::ftruncate(fd_, static_cast<off_t>(bytes)); }

 private:
  const int fd_;
};

void read_ring(std::string_view bytes, std::uint64_t hole) {
  const MemoryFile file(bytes);
  if (hole != 0) file.add_hole(hole);
  const FuzzCost cost(bytes.size(), kExtraBytes);
  absl::StatusOr<RingImage> ring = RingImage::read(file.fd(), "ring", 7);
  if (!ring.ok()) return;
  std::uint64_t last = ring->pos();
  std::size_t cells = 0;
  const std::size_t continuations = ring->continuations().size();
  std::size_t found = 0;
  while (const std::optional<RingImage::Record> record = ring->next()) {
    require(record->id.pos - last < std::uint64_t{1} << 62, "a record before the last one");
    require(ring->args().size() == record_capacity(record->head.cells), "arguments of a record");
    last = record->id.pos + record->head.cells;
    cells += record->head.cells;
    if (record->head.site == static_cast<std::uint32_t>(ControlRecord::kContinuation)) ++found;
  }
  require(cells * kCellBytes <= bytes.size(), "more records than the file has room for");
  require(found == continuations, "continuations that are no records");
}

void read_batch(std::string_view bytes, std::uint64_t hole) {
  const MemoryFile file(bytes);
  if (hole != 0) file.add_hole(hole);
  const FuzzCost cost(bytes.size(), kExtraBytes);
  const absl::StatusOr<BatchImage> batch = BatchImage::read(file.fd(), "batch", 7);
  if (!batch.ok()) return;
  std::size_t text = 0;
  for (const BatchImage::Message& message : batch->messages) text += message.text.size();
  require(text <= bytes.size(), "more text than the file has");
}

void read_tables(std::string_view bytes) {
  const std::string copy(bytes);
  const FuzzCost cost(bytes.size(), kExtraBytes);
  SiteTable sites{std::string(copy)};
  for (std::uint32_t id = 0; id < 600; ++id) {
    const SiteLayout* const layout = sites.find(id);
    require(layout == nullptr || layout->site->id < kFirstSiteId + 1024, "a site's id");
  }
  const ClientTable clients{std::string(copy)};
  for (std::uint32_t i = 0; i < 8; ++i) {
    (void)clients.of_stream(i);
    (void)clients.in_slot(i);
  }
}

}  // namespace
}  // namespace metlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(bytes) + 2, size - 2);
  const std::uint64_t hole = bytes[1] < 128 ? 0 : std::uint64_t{1} << bytes[1] % 41;
  switch (bytes[0] % 3) {
    case 0:
      metlog::read_ring(rest, hole);
      break;
    case 1:
      metlog::read_batch(rest, hole);
      break;
    default:
      metlog::read_tables(rest);
  }
  return 0;
}
