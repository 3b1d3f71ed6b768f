#include "metlog/internal/emit/record_history.h"

#include <algorithm>
#include <new>

#include "metlog/internal/context/thread_context.h"

namespace metlog {
namespace {

/// Replaces the thread's context by those of the records, one after the other; the destructor
/// restores it.
class ContextSwitcher {
 public:
  ContextSwitcher() : threads_(Ref<const ContextSnapshot>::share(thread_context())) {}
  ContextSwitcher(const ContextSwitcher&) = delete;
  ContextSwitcher& operator=(const ContextSwitcher&) = delete;
  ~ContextSwitcher() { leave(); }

  /// False when there is no memory for the scope.
  [[nodiscard]] bool switch_to(const Ref<const ContextSnapshot>& context) try {
    if (context.get() == thread_context()) return true;
    leave();
    if (context.get() != threads_.get()) scope_ = enter_context(context);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }

 private:
  void leave() {
    if (scope_.get() != nullptr) leave_context(*scope_.get());
    scope_ = {};
  }

  const Ref<const ContextSnapshot> threads_;
  Ref<ContextScope> scope_;  // null while the thread's own context is in force
};

}  // namespace

RecordHistory::RecordHistory(std::uint32_t count, std::uint32_t record_bytes)
    : record_bytes_(record_bytes), entries_(count), bytes_(entries_.size() * record_bytes) {}

unsigned char* RecordHistory::claim(const Entry& entry, std::size_t bytes) {
  const std::size_t at = next_;
  entries_[at] = entry;
  entries_[at].bytes = static_cast<std::uint32_t>(bytes);
  entries_[at].context = Ref<const ContextSnapshot>::share(thread_context());
  next_ = at + 1 == entries_.size() ? 0 : at + 1;
  size_ = std::min(size_ + 1, entries_.size());
  return bytes_.data() + at * record_bytes_;
}

void RecordHistory::add_too_big(Entry entry, Bytes beginning) {
  entry.is_too_big = true;
  const std::size_t size = std::min<std::size_t>(beginning.size, record_bytes_);
  unsigned char* const at = claim(entry, size);
  if (size != 0) std::memcpy(at, beginning.at, size);
}

void RecordHistory::emit_all(std::uint32_t client) {
  if (size_ == 0) return;
  ContextSwitcher context;
  const std::size_t oldest = (next_ + entries_.size() - size_) % entries_.size();
  for (std::size_t i = 0; i < size_; ++i) {
    const std::size_t at = (oldest + i) % entries_.size();
    const Entry& entry = entries_[at];
    const Bytes bytes{bytes_.data() + at * record_bytes_, entry.bytes};
    const RecordOrigin origin{client, entry.site, entry.priority, entry.stamp};
    if (!context.switch_to(entry.context)) {
      emit_without_room(origin);
    } else if (entry.is_too_big) {
      emit_too_big(origin, bytes);
    } else {
      emit_past_record(origin, {&bytes, 1, bytes.size});
    }
  }
  clear();
}

void RecordHistory::clear() {
  for (Entry& entry : entries_) entry.context = {};
  size_ = 0;
}

}  // namespace metlog
