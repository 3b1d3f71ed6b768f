#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/ring/ring_reader.h"
#include "metlog/internal/ring/ring_writer.h"

namespace metlog {

/// Contiguous bytes.
struct Bytes {
  const void* at;
  std::size_t size;
};

/// The arguments of a record, in several pieces that are to be copied into cells.
struct RecordPieces {
  const Bytes* pieces;
  std::size_t piece_count;
  std::size_t total_bytes;  // of all pieces
};

/// Copies the pieces and the stamp into the cells from the writer's pos() on, without touching the
/// heads. Requires that the writer has made room for record_cells(total_bytes).
void fill_record(RingWriter& writer, std::uint64_t stamp, const RecordPieces& record);

/// Copies bytes into adjacent cells and steps over their heads. Begins at `at`, which is inside of
/// a cell's arguments or at their end. Returns where the next bytes go.
unsigned char* put_spanning(unsigned char* at, const void* bytes, std::size_t size);

/// Copies the arguments of the reader's next record, `cells` cells long, into `buffer`.
void gather_cells(const RingReader& reader, std::uint32_t cells, unsigned char* buffer);

/// Returns the arguments of the reader's next record, `cells` cells long, as contiguous bytes: in
/// the cell itself, or copied to `buffer`, which holds record_capacity(cells) bytes.
inline const unsigned char* gather_record(const RingReader& reader, std::uint32_t cells,
                                          unsigned char* buffer) {
  if (cells == 1) return reader.cell(0).args;
  gather_cells(reader, cells, buffer);
  return buffer;
}

}  // namespace metlog
