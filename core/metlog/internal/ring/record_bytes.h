#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/ring/ring_reader.h"
#include "metlog/internal/ring/ring_writer.h"

namespace metlog {

/// A run of bytes somewhere in memory.
struct Bytes {
  const void* at;
  std::size_t size;
};

/// A record's arguments, gathered from several places, on their way into cells.
struct RecordPieces {
  const Bytes* pieces;
  std::size_t piece_count;
  std::size_t total_bytes;  // of all pieces
};

/// Copies the pieces into the cells from the writer's pos() on, leaving the heads alone, and
/// stores the stamp. The writer has made room for record_cells(total_bytes).
void fill_record(RingWriter& writer, std::uint64_t stamp, const RecordPieces& record);

/// Copies bytes into cells that lie one behind the other, from `at` on, which stands among a cell's
/// arguments or at its end; steps over the heads. Returns where the next bytes go.
unsigned char* put_spanning(unsigned char* at, const void* bytes, std::size_t size);

/// Copies the arguments of the reader's next record, `cells` cells long, into `buffer`.
void gather_cells(const RingReader& reader, std::uint32_t cells, unsigned char* buffer);

/// The arguments of the reader's next record, `cells` cells long, as one run: in the cell itself,
/// or gathered in `buffer`, which holds record_capacity(cells) bytes.
inline const unsigned char* gather_record(const RingReader& reader, std::uint32_t cells,
                                          unsigned char* buffer) {
  if (cells == 1) return reader.cell(0).args;
  gather_cells(reader, cells, buffer);
  return buffer;
}

}  // namespace metlog
