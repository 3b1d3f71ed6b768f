#include "metlog/internal/context/context_snapshot.h"

#include <algorithm>
#include <atomic>

#include "metlog/internal/context/context_text.h"
#include "metlog/internal/site/field_bytes.h"
#include "metlog/internal/text/json_text.h"

namespace metlog {
namespace {

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;  // relaxed: only uniqueness matters
}

std::string error_of(FieldList fields, std::size_t bytes) {
  std::string error = "context refused:";
  for (const Field& field : fields) error.append(" ").append(field.key);
  if (bytes >= kNoBytesSuffice) {
    error.append(": lists and maps are nested deeper than ");
    return error.append(std::to_string(kMaxValueDepth)).append(" (kMaxValueDepth)");
  }
  error.append(": with it the thread's context takes ").append(std::to_string(bytes));
  error.append(" bytes; it takes at most ").append(std::to_string(kMaxContextBytes));
  return error.append(" (kMaxContextBytes)");
}

}  // namespace

/// The fields of two contexts, before they are encoded together.
struct ContextSnapshot::Merge {
  struct Part {
    std::string_view key;
    const Field* field;        // null for an unchanged field
    std::string_view encoded;  // the bytes of an unchanged field
  };
  std::vector<Part> parts;

  void add_all_of(const ContextSnapshot& outer) {
    for (const Entry& entry : outer.entries_) {
      parts.push_back({outer.key(entry), nullptr, outer.bytes().substr(entry.begin, entry.size)});
    }
  }
  void set(const Field& field) {
    const auto has_its_key = [&](const Part& part) {
      return is_same_json_text(part.key, field.key);
    };
    const auto at = std::find_if(parts.begin(), parts.end(), has_its_key);
    const Part part{field.key, &field, {}};
    if (at != parts.end()) {
      *at = part;
    } else {
      parts.push_back(part);
    }
  }
  static std::size_t bytes_of(const Part& part) {
    return part.field != nullptr ? field_bytes(*part.field) : part.encoded.size();
  }
  [[nodiscard]] std::size_t bytes() const {
    std::size_t sum = sizeof(std::uint32_t);
    for (const Part& part : parts) sum += bytes_of(part);
    return sum;
  }
};

ContextSnapshot::ContextSnapshot(const Merge& merge, std::optional<TraceContext> trace)
    : id_(next_id()), bytes_(merge.bytes(), '\0'), trace_(trace) {
  auto* const begin = reinterpret_cast<unsigned char*>(bytes_.data());
  CompositeWriter writer(begin, bytes_.size());
  writer.write(static_cast<std::uint32_t>(merge.parts.size()));
  for (const Merge::Part& part : merge.parts) {
    entries_.push_back({static_cast<std::uint32_t>(writer.size()),
                        static_cast<std::uint32_t>(part.key.size()),
                        static_cast<std::uint32_t>(Merge::bytes_of(part))});
    if (part.field != nullptr) {
      writer.write(runtime_typed(*part.field));
    } else {
      writer.write_whole_text({part.encoded.data(), part.encoded.size()});
    }
  }
}

Ref<const ContextSnapshot> ContextSnapshot::make(const ContextSnapshot* outer, FieldList fields,
                                                 const TraceContext* trace, std::string& error) {
  Merge merge;
  if (outer != nullptr) merge.add_all_of(*outer);
  for (const Field& field : fields) merge.set(field);
  std::optional<TraceContext> whole_trace;
  if (outer != nullptr) whole_trace = outer->trace_;
  const std::size_t bytes = merge.bytes();
  const bool is_too_deep = bytes >= kNoBytesSuffice;
  const Field refused{"context_refused", is_too_deep ? FieldValue("depth") : FieldValue(bytes)};
  if (bytes > kMaxContextBytes) {
    error = error_of(fields, bytes);
    merge.parts.clear();
    if (outer != nullptr) merge.add_all_of(*outer);
    merge.set(refused);
  } else if (trace != nullptr) {
    whole_trace = *trace;
  }
  if (merge.parts.empty()) return {};
  auto made = Ref<const ContextSnapshot>::adopt(new ContextSnapshot(merge, whole_trace));
  // Equal contexts share one id, so that a ring does not get the same context twice.
  const bool is_outer =
      outer != nullptr && outer->bytes() == made->bytes() && outer->trace_ == made->trace_;
  return is_outer ? Ref<const ContextSnapshot>::share(outer) : made;
}

}  // namespace metlog
