#include "metlog/internal/recovery/ring_image.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace metlog {
namespace {

constexpr unsigned kMaxCellsLog2 = 34;
/// Larger numbers are no versions, but damage.
constexpr std::uint32_t kMaxAbi = 1000;
/// Memory comes to a ring by whole pages.
constexpr std::uint64_t kPageCells = 4096 / kCellBytes;

absl::Status wrong(const std::string& name, const char* what) {
  return absl::InvalidArgumentError(absl::StrCat(name, " is not a ring: ", what));
}

// relaxed, here and below: the process is dead
std::uint64_t value_of(const PlainAtomic<std::uint64_t>& word) {
  return word.load(Order::kRelaxed);
}

std::uint8_t tag_of(const Cell& cell) { return static_cast<std::uint8_t>(value_of(cell.head)); }

}  // namespace

absl::StatusOr<RingImage> RingImage::read(int fd, const std::string& name, std::uint32_t index) {
  struct stat status {};
  RingHeader header;
  const ssize_t header_bytes = ::pread(fd, &header, sizeof header, 0);
  if (header_bytes == 0) return absl::NotFoundError(name);
  if (::fstat(fd, &status) != 0 || header_bytes != sizeof header) {
    return wrong(name, "its header is missing");
  }
  if (header.magic == kRingMagic && header.abi > kRingAbi && header.abi < kMaxAbi) {
    return absl::FailedPreconditionError(absl::StrCat(
        name, " is of a later version of metlog (", header.abi, "); recover it with that version"));
  }
  RingImage ring;
  ring.index_ = index;
  ring.thread_.id = header.tid.load(Order::kRelaxed);
  ring.thread_.name.assign(header.thread_name,
                           strnlen(header.thread_name, sizeof header.thread_name));
  ring.thread_.serial = 1 + index;
  const auto bytes = static_cast<std::uint64_t>(status.st_size);
  ring.read_sizes(header, bytes <= kRingHeaderBytes ? 0 : (bytes - kRingHeaderBytes) / kCellBytes);
  // A hole would be read as zeros, and a claimed length could be anything.
  const std::uint64_t allocated = static_cast<std::uint64_t>(status.st_blocks) * 512 / kCellBytes;
  const std::uint64_t file_cells = value_of(header.file_cells);
  const bool is_extent = file_cells != 0 && file_cells <= ring.capacity() &&
                         (file_cells % kPageCells == 0 || file_cells == ring.capacity());
  ring.read_cells(fd, std::min({ring.capacity(), allocated, is_extent ? file_cells : UINT64_MAX}));
  // The magic number is stored last: the process died while it made the ring.
  if (header.magic == 0 && ring.is_untouched()) return absl::NotFoundError(name);
  if (header.magic != kRingMagic || header.abi == 0 || header.abi > kRingAbi) {
    ring.note_damage("magic number or version");
  }
  ring.queue_key_ = value_of(header.queue_key);
  ring.refused_ = value_of(header.lost_full) + value_of(header.lost_too_big);
  const std::uint64_t context_bytes = value_of(header.context_bytes);
  if (context_bytes <= sizeof header.context) {
    ring.context_.assign(header.context, header.context + context_bytes);
  } else {
    ring.note_damage("context");
  }
  if (header.abi == kAbiBeforeBatches) {
    ring.find_begin_before_batches(header);
  } else {
    ring.find_begin(header);
  }
  return ring;
}

/// The file has its full length from the beginning, so that tells the size, too. It is believed
/// where the fields beside cells_log2 are damaged.
void RingImage::read_sizes(const RingHeader& header, std::uint64_t cell_count) {
  const bool is_claim_possible = header.cells_log2 >= 1 && header.cells_log2 <= kMaxCellsLog2;
  const bool is_whole = header.header_bytes == kRingHeaderBytes && header.cell_bytes == kCellBytes;
  const bool tells_size = !is_whole && cell_count > 1 && std::has_single_bit(cell_count);
  if (is_claim_possible && (!tells_size || cell_count == std::uint64_t{1} << header.cells_log2)) {
    cells_log2_ = header.cells_log2;
    return;
  }
  note_damage("size");
  const auto bits = static_cast<unsigned>(std::bit_width(std::max<std::uint64_t>(cell_count, 2)));
  cells_log2_ = std::min(bits - 1, kMaxCellsLog2);
}

void RingImage::read_cells(int fd, std::uint64_t cells) {
  cells_.resize(cells);
  const ssize_t size = ::pread(fd, cells_.data(), cells * kCellBytes, kRingHeaderBytes);
  cells_.resize(size <= 0 ? 0 : static_cast<std::size_t>(size) / kCellBytes);
}

bool RingImage::is_untouched() const {
  return std::all_of(cells_.begin(), cells_.end(),
                     [](const Cell& cell) { return value_of(cell.head) == 0; });
}

/// drained_pos, if it makes sense: it is up to a lap after read_pos, and the cells have the tags
/// that they have around it.
void RingImage::find_begin(const RingHeader& header) {
  const std::uint64_t read = value_of(header.positions.read_pos);
  const std::uint64_t drained = value_of(header.positions.drained_pos);
  const bool is_pair = drained - read <= capacity();
  // What comes before it is zero. If not, its low bytes may be wrong, which the tags do not show.
  std::uint64_t before = 0;
  std::memcpy(&before, reinterpret_cast<const char*>(&header.positions.drained_pos) - sizeof before,
              sizeof before);
  const bool fits_drained = before == 0 && fits(drained);
  if (is_pair && fits_drained) return begin_at(drained);
  note_damage("positions");
  const bool fits_read = fits(read);
  if (fits_drained && fits_read) {
    // One of them is a little wrong. The earlier one repeats records at worst.
    return begin_at(static_cast<std::int64_t>(drained - read) < 0 ? drained : read);
  }
  if (fits_drained) return begin_at(drained);
  if (fits_read) return begin_at(read);
  guess_begin();
}

/// docs/ring.md, "Older versions": what was read and not sent may still be there.
void RingImage::find_begin_before_batches(const RingHeader& header) {
  const std::uint64_t read = value_of(header.positions.read_pos);
  const std::uint64_t done = value_of(header.positions.drained_pos);
  if (!fits(read)) {
    note_damage("positions");
    return guess_begin();
  }
  begin_at(read);
  const std::uint64_t end = end_of_records(read);
  if (done - read < end - read) return begin_at(done);
  // The writer may have died in a record at `end`, which spoils what was there a lap before.
  const std::uint64_t margin = std::min<std::uint64_t>(kMaxRecordCells, capacity() - 1);
  const auto from_read = [read](std::uint64_t pos) {
    return static_cast<std::int64_t>(pos - read);
  };
  std::int64_t begin = std::min<std::int64_t>(0, from_read(end - capacity() + margin));
  begin = std::max({begin, from_read(done), from_read(header.start_pos)});
  begins_inside_ = true;
  begin_at(read + static_cast<std::uint64_t>(std::min<std::int64_t>(0, begin)));
}

std::uint64_t RingImage::end_of_records(std::uint64_t pos) const {
  const std::uint64_t limit = pos + capacity();
  while (pos != limit && is_record_at(pos)) {
    pos += RecordHeader::unpack(value_of(cell_at(pos)->head)).cells;
  }
  return pos;
}

/// True when most cells have the tags that they may have while a reader is at `pos`: of the lap of
/// the next position that they will have, or of the one before.
bool RingImage::fits(std::uint64_t pos) const {
  std::size_t fitting = 0;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const std::uint64_t next = pos + ((i - pos) & mask());
    const std::uint8_t lap = lap_of(next, cells_log2_);
    const std::uint8_t tag = tag_of(cells_[i]);
    if (tag == lap || tag == static_cast<std::uint8_t>(lap - 1)) ++fitting;
  }
  // Also without cells, as in a ring of which the file has none yet.
  return 2 * fitting >= cells_.size();
}

/// The cells before the writer have the tag of a lap, the others that of the lap before.
void RingImage::guess_begin() {
  std::array<std::size_t, 256> count{};
  for (const Cell& cell : cells_) ++count[tag_of(cell)];
  const auto before = [](std::size_t tag) { return (tag + 255) % 256; };
  std::size_t newer = 1;
  for (std::size_t tag = 0; tag < count.size(); ++tag) {
    if (count[tag] + count[before(tag)] > count[newer] + count[before(newer)]) newer = tag;
  }
  // The index at which most cells before it are newer, and most after it are not.
  std::ptrdiff_t score = 0;
  std::ptrdiff_t best = 0;
  std::size_t writer = 0;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const std::uint8_t tag = tag_of(cells_[i]);
    if (tag == newer) ++score;
    if (tag == before(newer)) --score;
    if (score > best) {
      best = score;
      writer = i + 1;
    }
  }
  is_guessed_ = begins_inside_ = true;
  const std::uint64_t lap_begin = std::uint64_t{before(newer)} << cells_log2_;
  begin_at(newer == 1 ? 0 : lap_begin + writer - capacity());
}

void RingImage::note_record_at(std::uint64_t pos) {
  if (!is_guessed_) return;
  const std::uint64_t laps = capacity() * 256;
  if (pos >= end_) begin_at(pos_ + (pos - end_ + laps) / laps * laps);
}

void RingImage::begin_at(std::uint64_t pos) {
  pos_ = pos;
  end_ = pos + capacity();
}

void RingImage::note_damage(const char* field) {
  absl::StrAppend(&damage_, damage_.empty() ? "" : ", ", field);
}

const Cell* RingImage::cell_at(std::uint64_t pos) const {
  const std::uint64_t index = pos & mask();
  return index < cells_.size() ? &cells_[index] : nullptr;
}

/// True when a whole record begins there, in the lap of the position.
bool RingImage::is_record_at(std::uint64_t pos) const {
  const Cell* const first = cell_at(pos);
  if (first == nullptr) return false;
  const RecordHeader head = RecordHeader::unpack(value_of(first->head));
  if (head.lap != lap_of(pos, cells_log2_) || head.cells == 0 || head.cells > kMaxRecordCells ||
      head.site == 0 || head.cells > end_ - pos) {
    return false;
  }
  for (std::uint64_t i = 1; i < head.cells; ++i) {
    const Cell* const cell = cell_at(pos + i);
    if (cell == nullptr || value_of(cell->head) != lap_of(pos + i, cells_log2_)) return false;
  }
  return true;
}

/// Returns where the next record begins, from `at` on.
std::optional<std::uint64_t> RingImage::find_record(std::uint64_t at) const {
  const std::uint64_t begin = at;
  // A lap at most, but over the cells that the file has: a claimed size could be anything.
  for (std::size_t looked = 0; !is_record_at(at); ++looked) {
    if (looked == cells_.size()) return std::nullopt;
    if (cell_at(++at) == nullptr) at += capacity() - (at & mask());
    if (at - begin >= end_ - begin) return std::nullopt;
  }
  return at;
}

std::optional<RingImage::Record> RingImage::next() {
  const std::optional<std::uint64_t> at = find_record(pos_);
  if (!at.has_value()) return std::nullopt;
  if (!begins_inside_) damaged_cells_ += *at - pos_;
  begins_inside_ = false;
  const Cell& first = *cell_at(*at);
  const RecordHeader head = RecordHeader::unpack(value_of(first.head));
  pos_ = *at;
  gather(head.cells);
  pos_ += head.cells;
  return Record{head, first.stamp, {*at, index_}};
}

std::vector<std::uint64_t> RingImage::continuations() const {
  std::vector<std::uint64_t> rings;
  for (std::optional<std::uint64_t> at = find_record(pos_); at.has_value();) {
    const Cell& first = *cell_at(*at);
    const RecordHeader head = RecordHeader::unpack(value_of(first.head));
    if (static_cast<ControlRecord>(head.site) == ControlRecord::kContinuation) {
      Continuation continuation;
      std::memcpy(&continuation, first.args, sizeof continuation);
      rings.push_back(continuation.ring);
    }
    at = find_record(*at + head.cells);
  }
  return rings;
}

void RingImage::gather(std::uint32_t cells) {
  args_.assign(record_capacity(std::max(cells, 1U)), 0);
  std::memcpy(args_.data(), cell_at(pos_)->args, kFirstCellArgBytes);
  for (std::uint32_t i = 1; i < cells; ++i) {
    // The arguments of a continuation begin where a first cell has its stamp.
    const Cell* const cell = cell_at(pos_ + i);
    if (cell == nullptr) return;
    const auto* const bytes = reinterpret_cast<const unsigned char*>(cell);
    std::memcpy(&args_[record_capacity(i)], bytes + offsetof(Cell, stamp), kNextCellArgBytes);
  }
}

}  // namespace metlog
