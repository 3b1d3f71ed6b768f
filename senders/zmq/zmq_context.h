#pragma once

#include <sys/types.h>

#include <memory>

#include "absl/status/statusor.h"

namespace metlog {

/// libzmq's context: one for all senders of the process, as libzmq recommends, ended with the last
/// of them. Any thread. In a forked child the parent's context must not be used; there it is
/// abandoned, and acquire() makes a new one.
class ZmqContext {
 public:
  /// kResourceExhausted when too few file descriptors are free, or when the system refuses libzmq's
  /// two threads: libzmq 4.3.4 would abort the process instead of failing. What other threads take
  /// within microseconds after the check can still make it abort.
  static absl::StatusOr<std::shared_ptr<ZmqContext>> acquire();

  ~ZmqContext();
  ZmqContext(const ZmqContext&) = delete;
  ZmqContext& operator=(const ZmqContext&) = delete;

  [[nodiscard]] void* get() const { return context_; }
  /// True in a child forked since the context was made.
  [[nodiscard]] bool is_foreign() const;

 private:
  explicit ZmqContext(void* context);

  void* context_;
  pid_t owner_;
};

}  // namespace metlog
