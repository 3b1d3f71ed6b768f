#pragma once

#include <cstdint>
#include <cstring>

#include "metlog/internal/emit/emit_record.h"
#include "metlog/internal/emit/producer.h"
#include "metlog/internal/emit/reduced_arg.h"
#include "metlog/internal/ring/record_bytes.h"

namespace metlog {

/// The hot path's cells for a record with so many bytes of arguments; null where it is not open
/// to that record. Not inline, as all of this is compiled once for each list of types.
Cell* try_reserve_record(std::size_t arg_bytes, Priority priority);

/// Publishes a record of two such cells, whose second one still lacks the `size` bytes at `rest`.
void publish_two_cells(Cell* first, const RecordOrigin& origin, const char* rest, std::size_t size);

/// Emits a record whose first piece, of what is fixed, is in the first of such cells already; the
/// others follow it. Without cells it goes the cold path.
void emit_pieces(Cell* first, const RecordOrigin& origin, const RecordPieces& record);

/// A record that one cell does not hold, or that finds no open way. Takes everything by value, so
/// that the straight way need not have it in memory.
///
/// Most of what one cell does not hold is two cells, and one text that lies across them. Where the
/// first one ends in the text is known when the call is compiled.
template <Priority kPriority, class... R>
[[gnu::noinline]] void emit_cells(std::uint32_t client, std::uint32_t site, std::uint64_t stamp,
                                  R... args) {
  constexpr std::size_t kFixed = (std::size_t{0} + ... + R::kFixed);
  constexpr std::size_t kTexts = (std::size_t{0} + ... + kIsText<typename R::Value>);
  constexpr bool kFixedFits = kFixed <= kFirstCellArgBytes;
  const RecordOrigin origin{client, site, kPriority, stamp};
  const std::size_t bytes = (kFixed + ... + text_bytes(args));
  unsigned char aside[kFixed + 1];
  Cell* const first = kFixedFits ? try_reserve_record(bytes, kPriority) : nullptr;
  unsigned char* at = first != nullptr ? first->args : aside;
  ((at = put_fixed(at, args)), ...);
  if constexpr (kTexts == 1 && kFixed < kFirstCellArgBytes) {
    if (first != nullptr && bytes > kFirstCellArgBytes && bytes <= record_capacity(2)) {
      constexpr std::size_t kHere = kFirstCellArgBytes - kFixed;
      const char* const text = one_text(args...);
      std::memcpy(at, text, kHere);
      return publish_two_cells(first, origin, text + kHere, bytes - kFirstCellArgBytes);
    }
  }
  Bytes pieces[1 + kTexts] = {{aside, kFixed}};
  std::size_t count = 1;
  ((count = add_text(pieces, count, args)), ...);
  emit_pieces(first, origin, {pieces, count, bytes});
}

}  // namespace metlog
