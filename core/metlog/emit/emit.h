#pragma once

#include <cstdint>
#include <cstring>

#include "metlog/emit/emit_in_place.h"
#include "metlog/emit/producer.h"
#include "metlog/emit/reduced_arg.h"
#include "metlog/message/composite.h"
#include "metlog/message/gate.h"
#include "metlog/ring/record_bytes.h"

namespace metlog {

/// Who emits a record, as its head tells it, and when.
struct RecordOrigin {
  std::uint32_t client;  // slot
  std::uint32_t site;    // id
  Room room;
  std::uint64_t stamp;
};

/// The cold path: a record of any size, a thread without a ring, a full ring, a pending loss mark.
/// Never throws; waits only for a client whose policy is WhenFull::kBlock,
/// and never on the FlusherThread.
void emit_record(const RecordOrigin& origin, const RecordPieces& record);

/// The same of a record that was kept for a while: its stamp, of steady_ticks(), stays what it is.
void emit_kept(const RecordOrigin& origin, const RecordPieces& record);

/// Counts such a record that cannot be placed for want of memory, as one that its ring has no room
/// for.
void emit_without_room(const RecordOrigin& origin);

/// Counts a record whose composite arguments are longer than CompositeWriter::kMaxBytes.
void emit_too_big(const RecordOrigin& origin, Bytes beginning);

/// Ends what emit_cells() began. With a `first` of the cells that the head tells: copies the texts
/// from pieces[1] on behind the fixed part, which ends at `at`, and publishes. With none: hands all
/// of it, the fixed part in pieces[0], to the cold path. In registers as far as they go.
void finish_record(Cell* first, unsigned char* at, std::uint64_t head, std::uint64_t stamp,
                   const Bytes* pieces, std::size_t piece_count, Room room);

/// A record that one cell does not hold, or that finds no open way. Takes everything by value, so
/// that the straight way need not have it in memory.
template <Room kRoom, class... R>
[[gnu::noinline]] void emit_cells(std::uint32_t client, std::uint32_t site, std::uint64_t stamp,
                                  R... args) {
  constexpr std::size_t kFixed = (std::size_t{0} + ... + R::kFixed);
  unsigned char aside[kFixed + 1];
  const std::uint64_t cells = record_cells((kFixed + ... + text_bytes(args)));
  Cell* first = nullptr;
  if (kFixed <= kFirstCellArgBytes && cells <= RingWriter::kHotCells) {
    first = t_producer->writer.try_reserve_cells(cells, kRoom);
  }
  unsigned char* at = first != nullptr ? first->args : aside;
  ((at = put_fixed(at, args)), ...);
  Bytes pieces[1 + sizeof...(R)] = {{aside, kFixed}};
  std::size_t count = 1;
  ((count = add_text(pieces, count, args)), ...);
  finish_record(first, at, pack_head(first != nullptr ? cells : 0, client, site), stamp, pieces,
                count, kRoom);
}

/// Encodes composite arguments on the stack and goes on as if they were texts.
template <Room kRoom, class... R>
[[gnu::noinline]] void emit_composite_aside(std::uint32_t client, std::uint32_t site,
                                            std::uint64_t stamp, const R&... args) {
  unsigned char encoded[CompositeWriter::kMaxBytes];
  CompositeWriter writer(encoded, sizeof encoded);
  TextRef texts[sizeof...(R)];
  std::size_t count = 0;
  ((texts[count++] = encode_composite(writer, args)), ...);
  if (!writer.fits()) {
    return emit_too_big({client, site, kRoom, stamp}, {encoded, writer.size()});
  }
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    emit_cells<kRoom>(client, site, stamp, as_text(args, texts[I])...);
  }
  (std::index_sequence_for<R...>());
}

/// Encodes composite arguments where they will stand, if that can be, or else aside.
template <Room kRoom, class... R>
[[gnu::noinline]] void emit_composite(std::uint32_t client, std::uint32_t site, std::uint64_t stamp,
                                      const R&... args) {
  constexpr std::size_t kFixed = (std::size_t{0} + ... + R::kFixed);
  if constexpr ((kRunsNothing<typename R::Value> && ...) && kFixed <= kFirstCellArgBytes) {
    if (emit_in_place<kRoom>(client, site, stamp, args...)) return;
  }
  emit_composite_aside<kRoom>(client, site, stamp, args...);
}

/// One call's record into the calling thread's ring. The straight way is inline: one cell, no
/// call, no locked instruction. Everything else is one cold branch.
template <Room kRoom, class... R>
[[gnu::always_inline]] inline void emit_reduced(std::uint32_t client, std::uint32_t site,
                                                std::uint64_t stamp, const R&... args) {
  if constexpr ((kIsComposite<typename R::Value> || ...)) {
    emit_composite<kRoom>(client, site, stamp, args...);
  } else {
    constexpr std::size_t kFixed = (std::size_t{0} + ... + R::kFixed);
    const std::size_t bytes = (kFixed + ... + text_bytes(args));
    Producer* const producer = t_producer;
    Cell* const cell = producer->writer.try_reserve_cell(kRoom);
    if (cell == nullptr || bytes > kFirstCellArgBytes) [[unlikely]] {
      emit_cells<kRoom, R...>(client, site, stamp, args...);
      return;
    }
    cell->stamp = stamp;
    [[maybe_unused]] unsigned char* at = cell->args;
    ((at = put_fixed(at, args)), ...);
    ((at = put_text(at, args)), ...);
    producer->writer.publish_cell(cell, pack_head(1, client, site));
    producer->emitted[client].add_by_owner(1);
  }
}

template <Room kRoom, class... A>
[[gnu::always_inline]] inline void emit(std::uint32_t client, std::uint32_t site,
                                        std::uint64_t stamp, const A&... args) {
  emit_reduced<kRoom>(client, site, stamp, reduce_arg(args)...);
}

}  // namespace metlog
