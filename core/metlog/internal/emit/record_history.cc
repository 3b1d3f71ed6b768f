#include "metlog/internal/emit/record_history.h"

#include <algorithm>
#include <new>

#include "metlog/internal/context/thread_context.h"

namespace metlog {
namespace {

/// The contexts of records, one after the other in the place of the thread's own.
class ContextInForce {
 public:
  ContextInForce() : threads_(Ref<const ContextSnapshot>::share(thread_context())) {}
  ContextInForce(const ContextInForce&) = delete;
  ContextInForce& operator=(const ContextInForce&) = delete;
  ~ContextInForce() { leave(); }

  /// False when there is no memory for it.
  [[nodiscard]] bool becomes(const Ref<const ContextSnapshot>& context) try {
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
  Ref<ContextScope> scope_;  // null while the thread's own is in force
};

}  // namespace

RecordHistory::RecordHistory(std::uint32_t count, std::uint32_t record_bytes)
    : record_bytes_(record_bytes),
      heads_(std::max(count, 1U)),
      bytes_(heads_.size() * record_bytes) {}

unsigned char* RecordHistory::claim(const Kept& kept, std::size_t bytes) {
  const std::size_t at = next_;
  heads_[at] = kept;
  heads_[at].bytes = static_cast<std::uint32_t>(bytes);
  heads_[at].context = Ref<const ContextSnapshot>::share(thread_context());
  next_ = at + 1 == heads_.size() ? 0 : at + 1;
  size_ = std::min(size_ + 1, heads_.size());
  return bytes_.data() + at * record_bytes_;
}

void RecordHistory::keep_too_big(Kept kept, Bytes beginning) {
  kept.is_too_big = true;
  const std::size_t size = std::min<std::size_t>(beginning.size, record_bytes_);
  unsigned char* const at = claim(kept, size);
  if (size != 0) std::memcpy(at, beginning.at, size);
}

void RecordHistory::emit_all(std::uint32_t client) {
  ContextInForce context;
  const std::size_t oldest = (next_ + heads_.size() - size_) % heads_.size();
  for (std::size_t i = 0; i < size_; ++i) {
    const std::size_t at = (oldest + i) % heads_.size();
    const Kept& kept = heads_[at];
    const Bytes bytes{bytes_.data() + at * record_bytes_, kept.bytes};
    const RecordOrigin origin{client, kept.site, kept.priority, kept.stamp};
    if (!context.becomes(kept.context)) {
      emit_without_room(origin);
    } else if (kept.is_too_big) {
      emit_too_big(origin, bytes);
    } else {
      emit_kept(origin, {&bytes, 1, bytes.size});
    }
  }
  clear();
}

void RecordHistory::clear() {
  for (Kept& kept : heads_) kept.context = {};
  size_ = 0;
}

}  // namespace metlog
