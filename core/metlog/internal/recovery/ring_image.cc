#include "metlog/internal/recovery/ring_image.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "metlog/internal/ring/ring_header.h"

namespace metlog {
namespace {

constexpr unsigned kMaxCellsLog2 = 34;

absl::Status wrong(const std::string& name, const char* what) {
  return absl::InvalidArgumentError(absl::StrCat(name, " is not a ring: ", what));
}

}  // namespace

absl::StatusOr<RingImage> RingImage::read(int fd, const std::string& name) {
  struct stat status {};
  RingHeader header;
  const ssize_t header_bytes = ::pread(fd, &header, sizeof header, 0);
  // The magic number is stored last: the process died while it made the ring.
  if (header_bytes == 0 || (header_bytes == sizeof header && header.magic == 0)) {
    return absl::NotFoundError(name);
  }
  if (::fstat(fd, &status) != 0 || header_bytes != sizeof header) {
    return wrong(name, "its header is missing");
  }
  if (header.magic != kRingMagic) return wrong(name, "it has another magic number");
  if (header.abi != kRingAbi) {
    return wrong(name, "it is of another version of metlog; recover it with that version");
  }
  if (header.cell_bytes != kCellBytes || header.header_bytes != kRingHeaderBytes ||
      header.cells_log2 < 1 || header.cells_log2 > kMaxCellsLog2) {
    return wrong(name, "its sizes are impossible");
  }
  RingImage ring;
  ring.cells_log2_ = header.cells_log2;
  ring.index_ = header.index;
  ring.queue_key_ = header.queue_key.load(Order::kRelaxed);
  // relaxed, all: the process is dead
  ring.refused_ =
      header.lost_full.load(Order::kRelaxed) + header.lost_too_big.load(Order::kRelaxed);
  ring.pos_ = header.positions.drained_pos.load(Order::kRelaxed);
  ring.end_ = ring.pos_ + (std::uint64_t{1} << ring.cells_log2_);
  const std::uint64_t context_bytes =
      std::min<std::uint64_t>(header.context_bytes.load(Order::kRelaxed), sizeof header.context);
  ring.context_.assign(header.context, header.context + context_bytes);
  // A hole would be read as zeros, and a claimed length could be anything.
  const std::uint64_t allocated = static_cast<std::uint64_t>(status.st_blocks) * 512 / kCellBytes;
  const std::uint64_t cells = std::min(
      {header.file_cells.load(Order::kRelaxed), std::uint64_t{1} << ring.cells_log2_, allocated});
  ring.cells_.resize(cells);
  const ssize_t size = ::pread(fd, ring.cells_.data(), cells * kCellBytes, kRingHeaderBytes);
  ring.cells_.resize(size <= 0 ? 0 : static_cast<std::size_t>(size) / kCellBytes);
  return ring;
}

const Cell* RingImage::cell_at(std::uint64_t pos) const {
  const std::uint64_t index = pos & mask();
  return index < cells_.size() ? &cells_[index] : nullptr;
}

/// True when a whole record begins there, in the lap of the position.
bool RingImage::is_record_at(std::uint64_t pos) const {
  const Cell* const first = cell_at(pos);
  if (first == nullptr) return false;
  // relaxed: the process is dead
  const RecordHeader head = RecordHeader::unpack(first->head.load(Order::kRelaxed));
  if (head.lap != lap_of(pos, cells_log2_) || head.cells == 0 || head.cells > kMaxRecordCells ||
      head.site == 0 || head.cells > end_ - pos) {
    return false;
  }
  for (std::uint64_t i = 1; i < head.cells; ++i) {
    const Cell* const cell = cell_at(pos + i);
    if (cell == nullptr || cell->head.load(Order::kRelaxed) != lap_of(pos + i, cells_log2_)) {
      return false;
    }
  }
  return true;
}

std::optional<RingImage::Record> RingImage::next() {
  std::uint64_t at = pos_;
  // A lap at most, but over the cells that the file has: a claimed size could be anything.
  for (std::size_t looked = 0; !is_record_at(at); ++looked) {
    if (looked == cells_.size()) return std::nullopt;
    if (cell_at(++at) == nullptr) at += mask() + 1 - (at & mask());
    if (at - pos_ >= end_ - pos_) return std::nullopt;
  }
  damaged_cells_ += at - pos_;
  const Cell& first = *cell_at(at);
  const RecordHeader head = RecordHeader::unpack(first.head.load(Order::kRelaxed));
  pos_ = at;
  gather(head.cells);
  pos_ += head.cells;
  return Record{head, first.stamp, {at, index_}};
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
