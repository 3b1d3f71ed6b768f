#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "metlog/internal/base/counted.h"
#include "metlog/internal/context/context_snapshot.h"
#include "metlog/internal/emit/emit.h"

namespace metlog {

/// The last records of one thread, stored here instead of in its ring. The constructor allocates
/// the memory of all. Each record shares the context that is in force: a locked increment; the last
/// owner frees the context. Used by one thread.
class RecordHistory {
 public:
  /// Holds `count` records of up to `record_bytes` bytes of arguments each.
  RecordHistory(std::uint32_t count, std::uint32_t record_bytes);

  /// Takes what emit() takes; capacity() is not 0. When the history is full it replaces the oldest
  /// record. Of a record that is too long it stores the beginning; emit_all() counts that one as
  /// too big.
  template <Priority kPriority, class... A>
  void add(std::uint32_t site, std::uint64_t stamp, const A&... args) {
    add_reduced(Entry{stamp, site, 0, kPriority, false}, reduce_arg(args)...);
  }

  /// Moves all records to the calling thread's ring, the oldest first, with their stamps and
  /// contexts. Allocates where the context changes; a record that finds no memory is counted as
  /// lost because the ring was full. Never throws.
  void emit_all(std::uint32_t client);
  /// Discards all records; they count neither as emitted nor as lost.
  void clear();
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return entries_.size(); }

 private:
  struct Entry {
    std::uint64_t stamp;
    std::uint32_t site;
    std::uint32_t bytes;
    Priority priority;
    bool is_too_big;
    Ref<const ContextSnapshot> context = {};  // the thread's; stored by claim()
  };

  template <class... R>
  void add_reduced(const Entry& entry, const R&... args) {
    if constexpr ((kIsComposite<typename R::Value> || ...)) {
      add_composite(entry, args...);
    } else {
      constexpr std::size_t kFixed = (std::size_t{0} + ... + R::kFixed);
      const std::size_t bytes = (kFixed + ... + text_bytes(args));
      if (kFixed > record_bytes_ || bytes > record_bytes_) return add_too_big(entry, {});
      unsigned char* at = claim(entry, bytes);
      ((at = put_fixed(at, args)), ...);
      ((at = put_text(at, args)), ...);
    }
  }

  template <class... R>
  [[gnu::noinline]] void add_composite(const Entry& entry, const R&... args) {
    unsigned char encoded[CompositeWriter::kMaxBytes];
    CompositeWriter writer(encoded, sizeof encoded);
    TextRef texts[sizeof...(R)];
    std::size_t count = 0;
    ((texts[count++] = encode_composite(writer, args)), ...);
    if (!writer.fits()) return add_too_big(entry, {encoded, writer.size()});
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      add_reduced(entry, as_text(args, texts[I])...);
    }
    (std::index_sequence_for<R...>());
  }

  // Stores the entry and returns the place of its `bytes` bytes, which the caller fills.
  unsigned char* claim(const Entry& entry, std::size_t bytes);
  void add_too_big(Entry entry, Bytes beginning);

  std::uint32_t record_bytes_;
  std::vector<Entry> entries_;
  std::vector<unsigned char> bytes_;  // record_bytes_ for each entry
  std::size_t next_ = 0;              // where the next goes
  std::size_t size_ = 0;
};

}  // namespace metlog
