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

/// The context of a thread: fields that its messages carry beside their own. Immutable; several
/// threads may share it.
class ContextSnapshot : public Counted {
 public:
  /// Returns the fields of `outer` (null for none) and `fields`; of several with one key, as
  /// it is written, the last wins. Null when there are none at all. When the result takes more than
  /// kMaxContextBytes, `fields` are refused: it carries `context_refused` instead, with the bytes
  /// that it would have taken, or "depth" for values nested deeper than kMaxValueDepth; `error`
  /// then says why.
  static Ref<const ContextSnapshot> make(const ContextSnapshot* outer, FieldList fields,
                                         const TraceContext* trace, std::string& error);

  /// Never 0, and unique in this process.
  [[nodiscard]] std::uint64_t id() const { return id_; }
  /// The fields in the encoding of records, see field_bytes.h.
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
