#pragma once

#include <cstdint>
#include <cstring>

#include "metlog/emit/emit_record.h"
#include "metlog/emit/producer.h"
#include "metlog/emit/reduced_arg.h"
#include "metlog/ring/record_bytes.h"

namespace metlog {

/// Publishes a record whose cells were reserved on the hot path and hold all of it but the heads.
void publish_record(Cell* first, std::uint64_t head);

/// The same of a record of two cells, whose second one still lacks the `size` bytes at `rest`.
void publish_two_cells(Cell* first, std::uint64_t head, const char* rest, std::size_t size);

/// Most of what one cell does not hold: two cells, and one text that lies across them. Where the
/// first one ends in the text is known when the call is compiled. False when that is not this
/// record, or finds no open way, and then nothing has happened.
template <Room kRoom, class... R>
[[gnu::always_inline]] inline bool emit_two_cells(std::uint32_t client, std::uint32_t site,
                                                  std::uint64_t stamp, std::size_t bytes,
                                                  const R&... args) {
  constexpr std::size_t kFixed = (std::size_t{0} + ... + R::kFixed);
  constexpr std::size_t kTexts = (std::size_t{0} + ... + kIsText<typename R::Value>);
  if constexpr (kTexts != 1 || kFixed >= kFirstCellArgBytes) {
    return false;
  } else {
    if (bytes <= kFirstCellArgBytes || bytes > record_capacity(2)) return false;
    Cell* const first = t_producer->writer.try_reserve_cells(2, kRoom);
    if (first == nullptr) return false;
    first->stamp = stamp;
    [[maybe_unused]] unsigned char* at = first->args;
    ((at = put_fixed(at, args)), ...);
    const char* const text = one_text(args...);
    constexpr std::size_t kHere = kFirstCellArgBytes - kFixed;
    std::memcpy(at, text, kHere);
    publish_two_cells(first, pack_head(2, client, site), text + kHere, bytes - kFirstCellArgBytes);
    return true;
  }
}

/// A record that one cell does not hold, or that finds no open way. Takes everything by value, so
/// that the straight way need not have it in memory.
template <Room kRoom, class... R>
[[gnu::noinline]] void emit_cells(std::uint32_t client, std::uint32_t site, std::uint64_t stamp,
                                  R... args) {
  constexpr std::size_t kFixed = (std::size_t{0} + ... + R::kFixed);
  const std::size_t bytes = (kFixed + ... + text_bytes(args));
  if (emit_two_cells<kRoom>(client, site, stamp, bytes, args...)) return;
  unsigned char aside[kFixed + 1];
  const std::uint64_t cells = record_cells(bytes);
  Cell* first = nullptr;
  if (kFixed <= kFirstCellArgBytes && cells <= RingWriter::kHotCells) {
    first = t_producer->writer.try_reserve_cells(cells, kRoom);
  }
  [[maybe_unused]] unsigned char* at = first != nullptr ? first->args : aside;
  ((at = put_fixed(at, args)), ...);
  if (first != nullptr) {
    first->stamp = stamp;
    ((at = put_text_across(at, args)), ...);
    return publish_record(first, pack_head(cells, client, site));
  }
  Bytes pieces[1 + sizeof...(R)] = {{aside, kFixed}};
  std::size_t count = 1;
  ((count = add_text(pieces, count, args)), ...);
  emit_record({client, site, kRoom, stamp}, {pieces, count, bytes});
}

}  // namespace metlog
