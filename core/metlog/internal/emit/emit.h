#pragma once

#include <cstdint>

#include "metlog/internal/emit/emit_cells.h"
#include "metlog/internal/emit/emit_in_place.h"
#include "metlog/internal/emit/emit_record.h"
#include "metlog/internal/emit/producer.h"
#include "metlog/internal/emit/reduced_arg.h"
#include "metlog/internal/ring/record_bytes.h"
#include "metlog/internal/site/composite.h"
#include "metlog/internal/site/gate.h"

namespace metlog {

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
[[gnu::always_inline]] inline void emit_composite_here(std::uint32_t client, std::uint32_t site,
                                                       std::uint64_t stamp, const R&... args) {
  constexpr std::size_t kFixed = (std::size_t{0} + ... + R::kFixed);
  if constexpr ((kRunsNothing<typename R::Value> && ...) && kFixed <= kFirstCellArgBytes) {
    if (emit_in_place<kRoom>(client, site, stamp, args...)) return;
  }
  emit_composite_aside<kRoom>(client, site, stamp, args...);
}

/// The same apart from the call, which stays small.
template <Room kRoom, class... R>
[[gnu::noinline]] void emit_composite(std::uint32_t client, std::uint32_t site, std::uint64_t stamp,
                                      const R&... args) {
  emit_composite_here<kRoom>(client, site, stamp, args...);
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
