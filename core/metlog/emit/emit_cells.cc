#include "metlog/emit/emit_cells.h"

#include "metlog/base/copy_bytes.h"

namespace metlog {

void publish_record(Cell* first, std::uint64_t head) {
  Producer* const producer = t_producer;
  const Head origin = Head::unpack(head);
  producer->writer.publish_cells(first, origin.cells, head);
  producer->emitted[origin.client].add_by_owner(1);
}

void publish_two_cells(Cell* first, std::uint64_t head, const char* rest, std::size_t size) {
  Producer* const producer = t_producer;
  if (size > kNextCellArgBytes) __builtin_unreachable();
  copy_bytes(reinterpret_cast<unsigned char*>(first + 1) + offsetof(Cell, stamp), rest, size);
  producer->writer.publish_cells(first, 2, head);
  producer->emitted[Head::unpack(head).client].add_by_owner(1);
}

}  // namespace metlog
