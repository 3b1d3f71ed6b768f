#pragma once

#include <cstdint>
#include <cstring>

#include "metlog/base/ticks.h"
#include "metlog/emit/producer.h"
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
/// Never throws; waits only for a client whose policy is WhenFull::kBlock.
void emit_record(const RecordOrigin& origin, const RecordPieces& record);

/// Counts a record whose composite arguments are longer than CompositeWriter::kMaxBytes.
void emit_too_big(const RecordOrigin& origin, Bytes beginning);

template <class A>
using ReducedValue = decltype(reduce(Arg<A>::value(std::declval<const A&>())));

/// A reduced argument with its key, if it has one; small enough to travel in registers.
template <class A, bool kHasKey = Arg<A>::kKeyBytes != 0>
struct ReducedArg {
  using Value = ReducedValue<A>;
  static constexpr std::size_t kFixed = kFixedBytes<Value>;

  Value value;
};
template <class A>
struct ReducedArg<A, true> {
  using Value = ReducedValue<A>;
  static constexpr std::size_t kFixed = Arg<A>::kKeyBytes + kFixedBytes<Value>;

  Value value;
  const char* key;
};

template <class A>
constexpr ReducedArg<A> reduce_arg(const A& arg) {
  if constexpr (Arg<A>::kKeyBytes != 0) {
    return {reduce(Arg<A>::value(arg)), Arg<A>::key(arg)};
  } else {
    return {reduce(Arg<A>::value(arg))};
  }
}

template <class A>
inline std::size_t text_bytes(const ReducedArg<A>& arg) {
  if constexpr (kIsText<typename ReducedArg<A>::Value>) {
    return arg.value.size;
  } else {
    return 0;
  }
}

/// The fixed part of one argument: key, then the scalar or the length of what stands behind.
template <class A>
inline unsigned char* put_fixed(unsigned char* to, const ReducedArg<A>& arg) {
  using Value = typename ReducedArg<A>::Value;
  if constexpr (Arg<A>::kKeyBytes != 0) std::memcpy(to, arg.key, Arg<A>::kKeyBytes);
  to += Arg<A>::kKeyBytes;
  if constexpr (kIsText<Value>) {
    const auto size = static_cast<std::uint32_t>(arg.value.size);
    std::memcpy(to, &size, sizeof size);
  } else {
    static_assert(!std::is_class_v<Value>);
    std::memcpy(to, &arg.value, sizeof arg.value);
  }
  return to + kFixedBytes<Value>;
}

template <class A>
inline unsigned char* put_text(unsigned char* to, const ReducedArg<A>& arg) {
  if constexpr (kIsText<typename ReducedArg<A>::Value>) {
    std::memcpy(to, arg.value.at, arg.value.size);
    return to + arg.value.size;
  } else {
    return to;
  }
}

/// A call whose record does not go the straight way: fixed part on the stack, texts by reference.
/// Takes everything by value, so that the straight way need not have it in memory.
template <Room kRoom, class... A>
[[gnu::noinline]] void emit_gathered(std::uint32_t client, std::uint32_t site, std::uint64_t stamp,
                                     ReducedArg<A>... args) {
  constexpr std::size_t kFixed = (std::size_t{0} + ... + ReducedArg<A>::kFixed);
  unsigned char fixed[kFixed + 1];
  [[maybe_unused]] unsigned char* at = fixed;
  ((at = put_fixed(at, args)), ...);
  Bytes pieces[1 + sizeof...(A)];
  pieces[0] = {fixed, kFixed};
  std::size_t count = 1;
  std::size_t total = kFixed;
  [[maybe_unused]] const auto add_text = [&]<class T>(const ReducedArg<T>& arg) {
    if constexpr (kIsText<typename ReducedArg<T>::Value>) {
      pieces[count++] = {arg.value.at, arg.value.size};
      total += arg.value.size;
    }
  };
  (add_text(args), ...);
  emit_record({client, site, kRoom, stamp}, {pieces, count, total});
}

/// Encodes composite arguments on the stack and goes on as if they were texts.
template <class... A>
[[gnu::noinline]] void emit_composite(const RecordOrigin& origin, const ReducedArg<A>&... args) {
  constexpr std::size_t kFixed = (std::size_t{0} + ... + ReducedArg<A>::kFixed);
  unsigned char encoded[CompositeWriter::kMaxBytes];
  CompositeWriter writer(encoded, sizeof encoded);
  unsigned char fixed[kFixed + 1];
  unsigned char* at = fixed;
  Bytes pieces[1 + sizeof...(A)];
  pieces[0] = {fixed, kFixed};
  std::size_t count = 1;
  std::size_t total = kFixed;
  const auto add = [&]<class T>(const ReducedArg<T>& arg) {
    using Value = typename ReducedArg<T>::Value;
    if constexpr (kIsComposite<Value>) {
      const unsigned char* const begin = writer.at();
      if constexpr (requires { requires Text<decltype(arg.value.value)>; }) {
        writer.write_whole_text(reduce_text(arg.value.value));
      } else {
        writer.write(arg.value.value);
      }
      const auto size = static_cast<std::uint32_t>(writer.at() - begin);
      if constexpr (Arg<T>::kKeyBytes != 0) std::memcpy(at, arg.key, Arg<T>::kKeyBytes);
      std::memcpy(at + Arg<T>::kKeyBytes, &size, sizeof size);
      at += ReducedArg<T>::kFixed;
      pieces[count++] = {begin, size};
      total += size;
    } else {
      at = put_fixed(at, arg);
      if constexpr (kIsText<Value>) {
        pieces[count++] = {arg.value.at, arg.value.size};
        total += arg.value.size;
      }
    }
  };
  (add(args), ...);
  if (writer.fits()) {
    emit_record(origin, {pieces, count, total});
  } else {
    emit_too_big(origin, {encoded, writer.size()});
  }
}

/// One call's record into the calling thread's ring. The straight way is inline: one cell, no
/// call, no locked instruction. Everything else is one cold branch.
template <Room kRoom, class... A>
[[gnu::always_inline]] inline void emit_reduced(std::uint32_t client, std::uint32_t site,
                                                std::uint64_t stamp, const ReducedArg<A>&... args) {
  if constexpr ((kIsComposite<typename ReducedArg<A>::Value> || ...)) {
    emit_composite<A...>({client, site, kRoom, stamp}, args...);
  } else {
    constexpr std::size_t kFixed = (std::size_t{0} + ... + ReducedArg<A>::kFixed);
    const std::size_t bytes = (kFixed + ... + text_bytes(args));
    Producer* const producer = t_producer;
    Cell* const cell = producer->writer.try_reserve_cell(kRoom);
    if (cell == nullptr || bytes > kFirstCellArgBytes) [[unlikely]] {
      emit_gathered<kRoom, A...>(client, site, stamp, args...);
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
  emit_reduced<kRoom, A...>(client, site, stamp, reduce_arg(args)...);
}

}  // namespace metlog
