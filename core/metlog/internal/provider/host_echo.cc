#include "metlog/internal/provider/host_echo.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <mutex>

namespace metlog {
namespace {

thread_local bool t_is_inside = false;
std::atomic<std::uint64_t> g_count{0};

/// Fingerprints of records that have not come back yet; 0 is none.
class Remembered {
 public:
  void add(std::size_t mark) {
    const std::lock_guard lock(mutex_);
    marks_[next_++ % marks_.size()] = mark;
  }
  bool take(std::size_t mark) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find(marks_.begin(), marks_.end(), mark);
    if (found == marks_.end()) return false;
    *found = 0;
    return true;
  }

 private:
  std::mutex mutex_;
  std::array<std::size_t, HostEcho::kRemembered> marks_{};
  std::size_t next_ = 0;
};

Remembered& remembered() {
  // Never destroyed: libraries may log until the process ends.
  static auto* const kRemembered = new Remembered;
  return *kRemembered;
}
/// False until there is a fingerprint to look for.
std::atomic<bool> g_remembers{false};

std::size_t mark_of(HostLevel level, std::string_view text) {
  const std::size_t mark = std::hash<std::string_view>()(text) ^ static_cast<std::size_t>(level);
  return mark != 0 ? mark : 1;
}

}  // namespace

HostEcho::Scope::Scope(HostLevel level, std::string_view text, bool comes_later)
    : was_inside_(t_is_inside) {
  t_is_inside = true;
  if (!comes_later) return;
  remembered().add(mark_of(level, text));
  g_remembers.store(true, std::memory_order_relaxed);  // relaxed: the library's queue orders it
}

HostEcho::Scope::~Scope() { t_is_inside = was_inside_; }

bool HostEcho::is_echo(HostLevel level, std::string_view text) {
  bool is_one = t_is_inside;
  // relaxed: as where it is stored
  if (!is_one && g_remembers.load(std::memory_order_relaxed)) {
    is_one = remembered().take(mark_of(level, text));
  }
  if (is_one) g_count.fetch_add(1, std::memory_order_relaxed);  // relaxed: a counter
  return is_one;
}

std::uint64_t HostEcho::count() {
  return g_count.load(std::memory_order_relaxed);  // relaxed: a counter
}

}  // namespace metlog
