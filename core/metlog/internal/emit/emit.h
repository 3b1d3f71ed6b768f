#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "metlog/internal/emit/producer.h"
#include "metlog/internal/ring/record_bytes.h"
#include "metlog/internal/site/byte_target.h"
#include "metlog/internal/site/composite.h"
#include "metlog/internal/site/gate.h"

namespace metlog {

/// A call's way into its thread's ring. Each step publishes the record or passes it to the next.
///
///   emit()                          reduces the arguments; called by call() in call.h
///     |
///   emit_reduced()                  one cell: inline, no function call, no locked instruction
///     |  |
///     |  emit_composite()           a container, tuple or optional is among the arguments
///     |    |
///     |  emit_composite_in_place()
///     |    |-- emit_in_place()             encodes into the open cells
///     |    |
///     |  emit_composite_via_stack()        encodes on the stack, then handles it as a string
///     |    |-- emit_too_big()              more than 16 KiB: lost
///     |    |
///   emit_cells()                    up to 32 cells; compiled once for each list of types
///     |-- publish_two_cells()       one string that lies across two cells
///     |-- emit_pieces()             any other record, if try_reserve_record() finds cells
///     |
///   ..|.................... hot path above, cold path below (emit.cc) ...........................
///     |
///   emit_record()                   any size; no ring yet, forked child, pending loss, new context
///     |-- RingSet::claim()          a thread without a ring
///     |-- wake_flusher(), RingSet::grow()     a full ring, by the client's WhenFull
///     |-- LossMark                  lost; the mark is written once there is room
///
///   emit_past_record(), emit_without_room()   cold path of record_history.h

// The steps that are not inline.

/// The call that a record is from: the contents of its header, and its time stamp.
struct RecordOrigin {
  std::uint32_t client;  // slot
  std::uint32_t site;    // id
  Priority priority;
  std::uint64_t stamp;
};

// Records of several cells.

/// Returns the first of the cells that a record with `arg_bytes` bytes of arguments takes, null
/// when the cold path must decide. Not inline: these three are compiled once, emit_cells() once for
/// each list of types.
Cell* try_reserve_record(std::size_t arg_bytes, Priority priority);

/// Copies the last `size` bytes of a record's arguments, at `rest`, into the second of its two
/// reserved cells and publishes the record.
void publish_two_cells(Cell* first, const RecordOrigin& origin, const char* rest, std::size_t size);

/// Publishes a record whose first piece is already in the reserved cell `first`; copies the other
/// pieces. Takes the cold path when `first` is null.
void emit_pieces(Cell* first, const RecordOrigin& origin, const RecordPieces& record);

// The cold path: any record size, a thread without a ring, a forked child, a full ring, a pending
// loss mark, a changed context. Never throws. Waits only for a client whose policy is
// WhenFull::kBlock, and never on the FlusherThread.

/// Emits a record of a call that is being made now.
void emit_record(const RecordOrigin& origin, const RecordPieces& record);

/// Emits a record of a call that was made earlier, and keeps its stamp, which is of steady_ticks().
void emit_past_record(const RecordOrigin& origin, const RecordPieces& record);

/// Counts a record of an earlier call as lost for want of memory (LossReason::kRingFull).
void emit_without_room(const RecordOrigin& origin);

/// Counts a record as too big: its composite arguments take more than CompositeWriter::kMaxBytes.
/// The loss mark carries the first bytes of `beginning`.
void emit_too_big(const RecordOrigin& origin, Bytes beginning);

/// The layout of a record in its cells, for ByteTarget: it steps over their heads.
struct CellLayout {
  static std::size_t contiguous_at(const unsigned char* at) {
    return -reinterpret_cast<std::uintptr_t>(at) % kCellBytes;
  }
  static unsigned char* put_spanning(unsigned char* at, const void* bytes, std::size_t size) {
    return metlog::put_spanning(at, bytes, size);
  }
};
using CellTarget = ByteTarget<CellLayout>;

/// True for what can be encoded while a record's cells are open: encoding it runs no user code,
/// which could log and take the same cells.
template <class V>
inline constexpr bool kNoUserCode = !kIsComposite<V>;
template <RuntimeTyped T>
inline constexpr bool kNoUserCode<CompositeRef<T>> = true;

/// Puts what follows the fixed part of an argument.
template <class V>
CellTarget put_tail(CellTarget to, const V& value) {
  if constexpr (kIsText<V>) {
    return to.put(value.at, value.size);
  } else {
    return to;
  }
}
template <RuntimeTyped T>
CellTarget put_tail(CellTarget to, const CompositeRef<T>& ref) {
  return put_value(to, ref.value);
}

/// The string of the one argument that has one.
template <class... R>
inline const char* one_text(const R&... args) {
  const char* text = nullptr;
  const auto look = [&](const auto& arg) {
    if constexpr (kIsText<typename std::remove_cvref_t<decltype(arg)>::Value>) text = arg.value.at;
  };
  (look(args), ...);
  return text;
}

/// Adds the string of an argument that has one to the pieces; returns their new count.
template <class R>
inline std::size_t add_text(Bytes* pieces, std::size_t count, const R& arg) {
  if constexpr (kIsText<typename R::Value>) pieces[count++] = {arg.value.at, arg.value.size};
  return count;
}

/// Emits a record that takes more than one cell or finds the hot path closed. Takes the arguments
/// by value, so that emit_reduced() need not have them in memory.
///
/// Most records that one cell does not hold take two cells and have one string, which lies across
/// them. The compiler knows where in the string the first cell ends.
template <Priority kPriority, class... R>
[[gnu::noinline]] void emit_cells(std::uint32_t client, std::uint32_t site, std::uint64_t stamp,
                                  R... args) {
  constexpr std::size_t kFixed = (std::size_t{0} + ... + R::kFixed);
  constexpr std::size_t kTexts = (std::size_t{0} + ... + kIsText<typename R::Value>);
  constexpr bool kFixedFits = kFixed <= kFirstCellArgBytes;
  const RecordOrigin origin{client, site, kPriority, stamp};
  const std::size_t bytes = (kFixed + ... + text_bytes(args));
  unsigned char fixed_part[kFixed + 1];  // for the cold path
  Cell* const first = kFixedFits ? try_reserve_record(bytes, kPriority) : nullptr;
  unsigned char* at = first != nullptr ? first->args : fixed_part;
  ((at = put_fixed(at, args)), ...);
  if constexpr (kTexts == 1 && kFixed < kFirstCellArgBytes) {
    if (first != nullptr && bytes > kFirstCellArgBytes && bytes <= record_capacity(2)) {
      constexpr std::size_t kInFirstCell = kFirstCellArgBytes - kFixed;
      const char* const text = one_text(args...);
      std::memcpy(at, text, kInFirstCell);
      return publish_two_cells(first, origin, text + kInFirstCell, bytes - kFirstCellArgBytes);
    }
  }
  Bytes pieces[1 + kTexts] = {{fixed_part, kFixed}};
  std::size_t count = 1;
  ((count = add_text(pieces, count, args)), ...);
  emit_pieces(first, origin, {pieces, count, bytes});
}

/// Encodes a record straight into the open cells and publishes it; false when they do not suffice,
/// and then nothing has happened. Encoding into a temporary and copying would defeat
/// store-to-load forwarding: the copy's loads differ in width from the stores just made and wait
/// until all earlier stores have left the processor, those to the record before included, whose
/// lines may still be on their way from the flusher. With many small stores, as for the elements of
/// a vector, that wait costs more than the copy saves.
template <Priority kPriority, class... R>
[[gnu::always_inline]] inline bool emit_in_place(std::uint32_t client, std::uint32_t site,
                                                 std::uint64_t stamp, const R&... args) {
  constexpr std::size_t kFixed = (std::size_t{0} + ... + R::kFixed);
  static_assert(kFixed <= kFirstCellArgBytes);
  Producer* const producer = t_producer;
  const auto [first, open] = producer->writer.open_cells(kPriority);
  if (open == 0) return false;
  CellTarget to(first->args + kFixed, record_capacity(open) - kFixed);
  std::size_t sizes[sizeof...(R)];
  std::size_t count = 0;
  std::size_t left = to.left();
  const auto put_next = [&](const auto& value) {
    to = put_tail(to, value);
    sizes[count++] = left - to.left();
    left = to.left();
  };
  (put_next(args.value), ...);
  if (!to.fits()) {
    producer->writer.give_back();
    return false;
  }
  unsigned char* at = first->args;
  count = 0;
  ((at = put_fixed(at, as_text(args, {nullptr, sizes[count++]}))), ...);
  first->stamp = stamp;
  const std::uint64_t cells = record_cells(record_capacity(open) - to.left());
  producer->counts.emitted[client].add_by_owner(1);
  producer->writer.publish_cells(first, cells, pack_header(cells, client, site));
  return true;
}

/// Encodes composite arguments on the stack and continues as if they were strings.
template <Priority kPriority, class... R>
[[gnu::noinline]] void emit_composite_via_stack(std::uint32_t client, std::uint32_t site,
                                                std::uint64_t stamp, const R&... args) {
  unsigned char encoded[CompositeWriter::kMaxBytes];
  CompositeWriter writer(encoded, sizeof encoded);
  TextRef texts[sizeof...(R)];
  std::size_t count = 0;
  ((texts[count++] = encode_composite(writer, args)), ...);
  if (!writer.fits()) {
    return emit_too_big({client, site, kPriority, stamp}, {encoded, writer.size()});
  }
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    emit_cells<kPriority>(client, site, stamp, as_text(args, texts[I])...);
  }
  (std::index_sequence_for<R...>());
}

/// Encodes composite arguments in the cells if that is allowed and possible, else on the stack.
template <Priority kPriority, class... R>
[[gnu::always_inline]] inline void emit_composite_in_place(std::uint32_t client, std::uint32_t site,
                                                           std::uint64_t stamp, const R&... args) {
  constexpr std::size_t kFixed = (std::size_t{0} + ... + R::kFixed);
  if constexpr ((kNoUserCode<typename R::Value> && ...) && kFixed <= kFirstCellArgBytes) {
    if (emit_in_place<kPriority>(client, site, stamp, args...)) return;
  }
  emit_composite_via_stack<kPriority>(client, site, stamp, args...);
}

/// Keeps emit_composite_in_place() out of the call, which stays small.
template <Priority kPriority, class... R>
[[gnu::noinline]] void emit_composite(std::uint32_t client, std::uint32_t site, std::uint64_t stamp,
                                      const R&... args) {
  emit_composite_in_place<kPriority>(client, site, stamp, args...);
}

/// Returns the size, of which the compiler then knows no bound: with one, it copies strings by
/// loops of its own, which are larger and slower than memcpy().
[[gnu::always_inline]] inline std::size_t opaque(std::size_t size) {
  if (!__builtin_constant_p(size)) __asm__("" : "+r"(size));
  return size;
}

/// Emits one call's record into the calling thread's ring. Inline for a record of one cell;
/// everything else is one cold branch.
template <Priority kPriority, class... R>
[[gnu::always_inline]] inline void emit_reduced(std::uint32_t client, std::uint32_t site,
                                                std::uint64_t stamp, const R&... args) {
  if constexpr ((kIsComposite<typename R::Value> || ...)) {
    emit_composite<kPriority>(client, site, stamp, args...);
  } else {
    constexpr std::size_t kFixed = (std::size_t{0} + ... + R::kFixed);
    const std::size_t bytes = (kFixed + ... + text_bytes(args));
    if (opaque(bytes) > kFirstCellArgBytes) [[unlikely]]
      return emit_cells<kPriority, R...>(client, site, stamp, args...);
    Producer* const producer = t_producer;
    Cell* const cell = producer->writer.try_reserve_cell(kPriority);
    if (cell == nullptr) [[unlikely]]
      return emit_cells<kPriority, R...>(client, site, stamp, args...);
    cell->stamp = stamp;
    [[maybe_unused]] unsigned char* at = cell->args;
    ((at = put_fixed(at, args)), ...);
    ((at = put_text(at, args)), ...);
    producer->counts.emitted[client].add_by_owner(1);
    producer->writer.publish_cell(cell, pack_header(1, client, site));
  }
}

template <Priority kPriority, class... A>
[[gnu::always_inline]] inline void emit(std::uint32_t client, std::uint32_t site,
                                        std::uint64_t stamp, const A&... args) {
  emit_reduced<kPriority>(client, site, stamp, reduce_arg(args)...);
}

}  // namespace metlog
