#include "metlog/emit/emit_cells.h"

#include <cstddef>

#include "metlog/base/copy_bytes.h"

namespace metlog {

namespace {

inline void publish(Cell* first, std::uint64_t cells, std::uint64_t head) {
  Producer* const producer = t_producer;
  producer->writer.publish_cells(first, cells, head);
  producer->emitted[Head::unpack(head).client].add_by_owner(1);
}

}  // namespace

void publish_record(Cell* first, std::uint64_t head) {
  publish(first, Head::unpack(head).cells, head);
}

void publish_two_cells(Cell* first, std::uint64_t head, const char* rest, std::size_t size) {
  if (size > kNextCellArgBytes) __builtin_unreachable();  // or copying could end in a call
  copy_bytes(reinterpret_cast<unsigned char*>(first + 1) + offsetof(Cell, stamp), rest, size);
  publish(first, 2, head);
}

}  // namespace metlog
