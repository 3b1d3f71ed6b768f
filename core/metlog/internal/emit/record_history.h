#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "metlog/internal/base/counted.h"
#include "metlog/internal/context/context_snapshot.h"
#include "metlog/internal/emit/emit.h"

namespace metlog {

/// The last few records of one thread, put aside instead of into its ring. Their memory is taken
/// when it is made. A record shares the context that is in force: a locked increment, and whoever
/// has the last share frees it. Used by one thread.
class RecordHistory {
 public:
  /// `count` records of at most `record_bytes` bytes of arguments each; at least one.
  RecordHistory(std::uint32_t count, std::uint32_t record_bytes);

  /// As emit(). A record that is too long leaves its beginning, and is lost as too big when
  /// emitted; one that finds no room takes the place of the oldest.
  template <Priority kPriority, class... A>
  void keep(std::uint32_t site, std::uint64_t stamp, const A&... args) {
    keep_reduced(Kept{stamp, site, 0, kPriority, false}, reduce_arg(args)...);
  }

  /// Hands all to the calling thread's ring, the oldest first, with the stamps and in the contexts
  /// that they were kept with, and forgets them. Allocates where the context changes; a record that
  /// finds no memory is lost as one that finds no room. Never throws.
  void emit_all(std::uint32_t client);
  void clear();
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Kept {
    std::uint64_t stamp;
    std::uint32_t site;
    std::uint32_t bytes;
    Priority priority;
    bool is_too_big;
    Ref<const ContextSnapshot> context = {};  // the thread's; stored by claim()
  };

  template <class... R>
  void keep_reduced(const Kept& kept, const R&... args) {
    if constexpr ((kIsComposite<typename R::Value> || ...)) {
      keep_composite(kept, args...);
    } else {
      constexpr std::size_t kFixed = (std::size_t{0} + ... + R::kFixed);
      const std::size_t bytes = (kFixed + ... + text_bytes(args));
      if (kFixed > record_bytes_ || bytes > record_bytes_) return keep_too_big(kept, {});
      unsigned char* at = claim(kept, bytes);
      ((at = put_fixed(at, args)), ...);
      ((at = put_text(at, args)), ...);
    }
  }

  template <class... R>
  [[gnu::noinline]] void keep_composite(const Kept& kept, const R&... args) {
    unsigned char encoded[CompositeWriter::kMaxBytes];
    CompositeWriter writer(encoded, sizeof encoded);
    TextRef texts[sizeof...(R)];
    std::size_t count = 0;
    ((texts[count++] = encode_composite(writer, args)), ...);
    if (!writer.fits()) return keep_too_big(kept, {encoded, writer.size()});
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      keep_reduced(kept, as_text(args, texts[I])...);
    }
    (std::index_sequence_for<R...>());
  }

  // The place of the next record, whose bytes the caller fills.
  unsigned char* claim(const Kept& kept, std::size_t bytes);
  void keep_too_big(Kept kept, Bytes beginning);

  std::uint32_t record_bytes_;
  std::vector<Kept> heads_;
  std::vector<unsigned char> bytes_;  // record_bytes_ for each head
  std::size_t next_ = 0;              // where the next goes
  std::size_t size_ = 0;
};

}  // namespace metlog
