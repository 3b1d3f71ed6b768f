#pragma once

namespace metlog {

/// Catches the first system call that the calling thread makes between arm() and disarm(), by the
/// kernel's syscall user dispatch (Linux 5.11). Used by one thread; one at a time in a process.
class SystemCallTrap {
 public:
  SystemCallTrap();
  ~SystemCallTrap();
  SystemCallTrap(const SystemCallTrap&) = delete;
  SystemCallTrap& operator=(const SystemCallTrap&) = delete;

  /// True when this kernel supports it.
  [[nodiscard]] bool is_supported() const { return is_supported_; }

  void arm();
  /// The number of the call that was caught (it was not executed); -1 for none.
  int disarm();

 private:
  bool is_supported_;
};

}  // namespace metlog
