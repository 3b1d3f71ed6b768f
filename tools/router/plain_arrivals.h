#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace metlog {

/// Counts the plain messages of each process, by host and pid. Keeps at most kMaxProcesses and then
/// forgets the one that was silent for longest. Used by one thread.
class PlainArrivals {
 public:
  static constexpr std::size_t kMaxProcesses = 4096;

  PlainArrivals();
  ~PlainArrivals();

  void count(std::string_view hostname, std::int64_t pid);

  struct Count {
    std::uint64_t messages = 0;
    bool is_whole = true;  // false when the process may have been forgotten before
  };
  [[nodiscard]] Count of(std::string_view hostname, std::int64_t pid) const;

 private:
  struct Processes;  // a hash map, kept out of this header

  const std::unique_ptr<Processes> processes_;
};

}  // namespace metlog
