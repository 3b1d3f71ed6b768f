#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace metlog {

/// What the kernel counts for a thread or a process.
struct KernelCounts {
  double cpu_s = 0;
  std::uint64_t voluntary = 0;    // context switches to wait for something: each is a wake-up later
  std::uint64_t involuntary = 0;  // context switches because another thread was due
  // write(), writev() and the like, on files, pipes and eventfds. The kernel counts no send() here.
  std::uint64_t writes = 0;
  std::uint64_t written_bytes = 0;

  KernelCounts& operator+=(const KernelCounts& other);
  friend KernelCounts operator-(KernelCounts one, const KernelCounts& other);
};

/// The threads of one name in one process, over a span.
struct ThreadUse {
  std::string name;
  std::size_t threads = 0;
  KernelCounts counts;
};

/// A process's counts over a span.
struct ProcessUse {
  KernelCounts whole;
  std::vector<ThreadUse> by_name;  // the largest CPU time first
};

/// The counts of a process and of its threads at one moment.
class CounterSnapshot {
 public:
  // To read the counters costs CPU time of the process that reads them. These two leave it out of
  // the span between them, but for the counts of the thread that reads.
  /// A process that has ended has zeros.
  static CounterSnapshot at_begin(pid_t process);
  static CounterSnapshot at_end(pid_t process);

  /// What was counted since `before`. A thread that has ended meanwhile is part of the process's
  /// CPU time and writes, and of nothing else.
  [[nodiscard]] ProcessUse since(const CounterSnapshot& before) const;

 private:
  struct Thread {
    std::string name;
    KernelCounts counts;
  };

  void read_whole(pid_t process);
  void read_threads(pid_t process);

  KernelCounts whole_;
  std::map<pid_t, Thread> threads_;
};

/// The seconds that all processors of the machine were busy, summed; resolution 10 ms.
double machine_busy_s();

/// The resident memory of this process, in bytes.
std::uint64_t resident_bytes();

}  // namespace metlog
