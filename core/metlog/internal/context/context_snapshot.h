#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/field.h"
#include "metlog/internal/base/counted.h"
#include "metlog/trace_context.h"

namespace metlog {

/// What a thread's messages carry beside their own fields. Immutable, and shared by the threads it
/// is attached to.
class ContextSnapshot : public Counted {
 public:
  /// What `outer` (null for nothing) says, and these fields, which win; of two with one key the
  /// later. Null when there is nothing to say. When it takes more than kMaxContextBytes the fields
  /// are refused: in their place stands `context_refused` with the bytes it would have taken, or
  /// "depth" for values deeper than kMaxValueDepth, and `error` is told so.
  static Ref<const ContextSnapshot> make(const ContextSnapshot* outer, FieldList fields,
                                         const TraceContext* trace, std::string& error);

  /// Never 0, and no other's in this process.
  [[nodiscard]] std::uint64_t id() const { return id_; }
  /// As a record holds it, see field_bytes.h.
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  [[nodiscard]] const std::optional<TraceContext>& trace() const { return trace_; }

 private:
  /// A field among the bytes.
  struct Entry {
    std::uint32_t begin;
    std::uint32_t key_size;
    std::uint32_t size;
  };
  struct Merge;

  ContextSnapshot(const Merge& merge, std::optional<TraceContext> trace);
  [[nodiscard]] std::string_view key(const Entry& entry) const {
    return bytes().substr(entry.begin + sizeof(std::uint32_t), entry.key_size);
  }

  const std::uint64_t id_;
  std::string bytes_;
  std::vector<Entry> entries_;
  const std::optional<TraceContext> trace_;
};

}  // namespace metlog
