#include "metlog/internal/emit/emit_cells.h"

#include <cstddef>

#include "metlog/internal/base/copy_bytes.h"

namespace metlog {
namespace {

void publish(Cell* first, std::uint64_t cells, const RecordOrigin& origin) {
  Producer* const producer = t_producer;
  first->stamp = origin.stamp;
  producer->writer.publish_cells(first, cells, pack_header(cells, origin.client, origin.site));
  producer->emitted[origin.client].add_by_owner(1);
}

}  // namespace

Cell* try_reserve_record(std::size_t arg_bytes, Priority priority) {
  const std::uint64_t cells = record_cells(arg_bytes);
  if (cells > RingWriter::kHotCells) return nullptr;
  return t_producer->writer.try_reserve_cells(cells, priority);
}

void publish_two_cells(Cell* first, const RecordOrigin& origin, const char* rest,
                       std::size_t size) {
  if (size > kNextCellArgBytes) __builtin_unreachable();  // or copying could end in a call
  copy_bytes(reinterpret_cast<unsigned char*>(first + 1) + offsetof(Cell, stamp), rest, size);
  publish(first, 2, origin);
}

void emit_pieces(Cell* first, const RecordOrigin& origin, const RecordPieces& record) {
  if (first == nullptr) return emit_record(origin, record);
  unsigned char* at = first->args + record.pieces[0].size;
  for (std::size_t i = 1; i < record.piece_count; ++i) {
    at = put_spanning(at, record.pieces[i].at, record.pieces[i].size);
  }
  publish(first, record_cells(record.total_bytes), origin);
}

}  // namespace metlog
