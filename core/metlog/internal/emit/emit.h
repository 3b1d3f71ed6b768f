#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/emit/emit_cells.h"
#include "metlog/internal/emit/emit_record.h"
#include "metlog/internal/emit/producer.h"
#include "metlog/internal/emit/reduced_arg.h"
#include "metlog/internal/ring/record_bytes.h"
#include "metlog/internal/site/byte_target.h"
#include "metlog/internal/site/composite.h"
#include "metlog/internal/site/gate.h"

namespace metlog {

/// A record's cells, as a target steps over their heads.
struct CellLayout {
  static std::size_t room_at(const unsigned char* at) {
    return -reinterpret_cast<std::uintptr_t>(at) % kCellBytes;
  }
  static unsigned char* put_spanning(unsigned char* at, const void* bytes, std::size_t size) {
    return metlog::put_spanning(at, bytes, size);
  }
};
using CellTarget = ByteTarget<CellLayout>;

/// What can be encoded while a record's cells are open: it runs no code of the user's, who may log
/// in it and would take the same cells.
template <class V>
inline constexpr bool kNoUserCode = !kIsComposite<V>;
template <RuntimeTyped T>
inline constexpr bool kNoUserCode<CompositeRef<T>> = true;

/// What of an argument stands behind the fixed part.
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

/// Encodes a record straight into the cells behind the writer's place, as far as these are open,
/// and publishes it; false when they do not suffice, and then nothing has happened. Encoded aside,
/// its bytes would be loaded, to be copied, right behind the stores and in other widths: such a
/// load waits until all stores before it have left the processor, those to the record before
/// included, whose lines may still be on their way from the flusher. Where stores are many and
/// small, as of a vector's elements, that costs more than it saves.
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
  if (!to.fits()) return false;
  unsigned char* at = first->args;
  count = 0;
  ((at = put_fixed(at, as_text(args, {nullptr, sizes[count++]}))), ...);
  first->stamp = stamp;
  const std::uint64_t cells = record_cells(record_capacity(open) - to.left());
  producer->writer.publish_cells(first, cells, pack_header(cells, client, site));
  producer->emitted[client].add_by_owner(1);
  return true;
}

/// Encodes composite arguments on the stack and goes on as if they were texts.
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

/// Encodes composite arguments where they will stand, if that can be, or else aside.
template <Priority kPriority, class... R>
[[gnu::always_inline]] inline void emit_composite_in_place(std::uint32_t client, std::uint32_t site,
                                                           std::uint64_t stamp, const R&... args) {
  constexpr std::size_t kFixed = (std::size_t{0} + ... + R::kFixed);
  if constexpr ((kNoUserCode<typename R::Value> && ...) && kFixed <= kFirstCellArgBytes) {
    if (emit_in_place<kPriority>(client, site, stamp, args...)) return;
  }
  emit_composite_via_stack<kPriority>(client, site, stamp, args...);
}

/// The same apart from the call, which stays small.
template <Priority kPriority, class... R>
[[gnu::noinline]] void emit_composite(std::uint32_t client, std::uint32_t site, std::uint64_t stamp,
                                      const R&... args) {
  emit_composite_in_place<kPriority>(client, site, stamp, args...);
}

/// One call's record into the calling thread's ring. The straight way is inline: one cell, no
/// call, no locked instruction. Everything else is one cold branch.
template <Priority kPriority, class... R>
[[gnu::always_inline]] inline void emit_reduced(std::uint32_t client, std::uint32_t site,
                                                std::uint64_t stamp, const R&... args) {
  if constexpr ((kIsComposite<typename R::Value> || ...)) {
    emit_composite<kPriority>(client, site, stamp, args...);
  } else {
    constexpr std::size_t kFixed = (std::size_t{0} + ... + R::kFixed);
    const std::size_t bytes = (kFixed + ... + text_bytes(args));
    Producer* const producer = t_producer;
    Cell* const cell = producer->writer.try_reserve_cell(kPriority);
    if (cell == nullptr || bytes > kFirstCellArgBytes) [[unlikely]] {
      emit_cells<kPriority, R...>(client, site, stamp, args...);
      return;
    }
    cell->stamp = stamp;
    [[maybe_unused]] unsigned char* at = cell->args;
    ((at = put_fixed(at, args)), ...);
    ((at = put_text(at, args)), ...);
    producer->writer.publish_cell(cell, pack_header(1, client, site));
    producer->emitted[client].add_by_owner(1);
  }
}

template <Priority kPriority, class... A>
[[gnu::always_inline]] inline void emit(std::uint32_t client, std::uint32_t site,
                                        std::uint64_t stamp, const A&... args) {
  emit_reduced<kPriority>(client, site, stamp, reduce_arg(args)...);
}

}  // namespace metlog
