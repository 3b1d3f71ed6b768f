#include "metlog/internal/ring/record_bytes.h"

#include <algorithm>
#include <cstring>

#include "metlog/internal/base/copy_bytes.h"

namespace metlog {
namespace {

// The part of a cell that holds arguments: after the stamp in the first cell of a record, after the
// head in the others.
struct ArgSpan {
  unsigned char* begin;
  std::size_t size;
};

ArgSpan args_of(Cell& cell, bool first) {
  auto* const bytes = reinterpret_cast<unsigned char*>(&cell);
  return first ? ArgSpan{bytes + offsetof(Cell, args), kFirstCellArgBytes}
               : ArgSpan{bytes + offsetof(Cell, stamp), kNextCellArgBytes};
}

}  // namespace

void fill_record(RingWriter& writer, std::uint64_t stamp, const RecordPieces& record) {
  std::uint64_t pos = writer.pos();
  writer.cell_at(pos).stamp = stamp;
  ArgSpan room = args_of(writer.cell_at(pos), true);
  for (std::size_t i = 0; i < record.piece_count; ++i) {
    const auto* from = static_cast<const unsigned char*>(record.pieces[i].at);
    std::size_t left = record.pieces[i].size;
    while (left > 0) {
      if (room.size == 0) room = args_of(writer.cell_at(++pos), false);
      const std::size_t part = std::min(left, room.size);
      std::memcpy(room.begin, from, part);
      room.begin += part;
      room.size -= part;
      from += part;
      left -= part;
    }
  }
}

unsigned char* put_spanning(unsigned char* at, const void* bytes, std::size_t size) {
  constexpr std::size_t kHeadBytes = kCellBytes - kNextCellArgBytes;
  const auto* from = static_cast<const unsigned char*>(bytes);
  const std::size_t room = -reinterpret_cast<std::uintptr_t>(at) % kCellBytes;
  if (size <= room) {
    copy_bytes(at, from, size);
    return at + size;
  }
  copy_bytes(at, from, room);
  at += room;
  from += room;
  size -= room;
  for (; size > kNextCellArgBytes; size -= kNextCellArgBytes, from += kNextCellArgBytes) {
    std::memcpy(at + kHeadBytes, from, kNextCellArgBytes);
    at += kCellBytes;
  }
  copy_bytes(at + kHeadBytes, from, size);
  return at + kHeadBytes + size;
}

void gather_cells(const RingReader& reader, std::uint32_t cells, unsigned char* buffer) {
  std::memcpy(buffer, reader.cell(0).args, kFirstCellArgBytes);
  unsigned char* to = buffer + kFirstCellArgBytes;
  for (std::uint32_t i = 1; i < cells; ++i, to += kNextCellArgBytes) {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(&reader.cell(i));
    std::memcpy(to, bytes + offsetof(Cell, stamp), kNextCellArgBytes);
  }
}

}  // namespace metlog
