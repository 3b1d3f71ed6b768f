#include "bench/host_cost/process_counters.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

namespace metlog {
namespace {

constexpr double kNsPerS = 1e9;

/// The numbers of a file of "name: number" lines; what is not there stays zero.
std::map<std::string, std::uint64_t, std::less<>> numbers_of(const std::string& path) {
  std::map<std::string, std::uint64_t, std::less<>> numbers;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    numbers[line.substr(0, colon)] = std::strtoull(line.c_str() + colon + 1, nullptr, 10);
  }
  return numbers;
}

std::string directory_of(pid_t process) { return "/proc/" + std::to_string(process); }

void add_writes(const std::string& directory, KernelCounts& counts) {
  auto io = numbers_of(directory + "/io");
  counts.writes = io["syscw"];
  counts.written_bytes = io["wchar"];
}

double process_cpu_s(pid_t process) {
  clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / kNsPerS;
}

KernelCounts counts_of_thread(const std::string& directory) {
  KernelCounts counts;
  double cpu_ns = 0;
  std::ifstream(directory + "/schedstat") >> cpu_ns;
  counts.cpu_s = cpu_ns / kNsPerS;
  auto status = numbers_of(directory + "/status");
  counts.voluntary = status["voluntary_ctxt_switches"];
  counts.involuntary = status["nonvoluntary_ctxt_switches"];
  add_writes(directory, counts);
  return counts;
}

}  // namespace

KernelCounts& KernelCounts::operator+=(const KernelCounts& other) {
  cpu_s += other.cpu_s;
  voluntary += other.voluntary;
  involuntary += other.involuntary;
  writes += other.writes;
  written_bytes += other.written_bytes;
  return *this;
}

KernelCounts operator-(KernelCounts one, const KernelCounts& other) {
  one.cpu_s -= other.cpu_s;
  one.voluntary -= other.voluntary;
  one.involuntary -= other.involuntary;
  one.writes -= other.writes;
  one.written_bytes -= other.written_bytes;
  return one;
}

CounterSnapshot CounterSnapshot::at_begin(pid_t process) {
  CounterSnapshot snapshot;
  snapshot.read_threads(process);
  snapshot.read_whole(process);
  return snapshot;
}

CounterSnapshot CounterSnapshot::at_end(pid_t process) {
  CounterSnapshot snapshot;
  snapshot.read_whole(process);
  snapshot.read_threads(process);
  return snapshot;
}

void CounterSnapshot::read_whole(pid_t process) {
  add_writes(directory_of(process), whole_);
  whole_.cpu_s = process_cpu_s(process);
}

void CounterSnapshot::read_threads(pid_t process) {
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(directory_of(process) + "/task", error)) {
    Thread thread;
    std::ifstream comm(entry.path() / "comm");
    std::getline(comm, thread.name);
    thread.counts = counts_of_thread(entry.path().string());
    threads_[static_cast<pid_t>(std::stol(entry.path().filename().string()))] = thread;
  }
}

ProcessUse CounterSnapshot::since(const CounterSnapshot& before) const {
  ProcessUse use;
  use.whole = whole_ - before.whole_;
  std::map<std::string, ThreadUse> by_name;
  for (const auto& [id, thread] : threads_) {
    const auto known = before.threads_.find(id);
    const KernelCounts counts =
        known == before.threads_.end() ? thread.counts : thread.counts - known->second.counts;
    ThreadUse& same_name = by_name[thread.name];
    same_name.name = thread.name;
    ++same_name.threads;
    same_name.counts += counts;
    use.whole.voluntary += counts.voluntary;
    use.whole.involuntary += counts.involuntary;
  }
  for (const auto& [name, thread] : by_name) use.by_name.push_back(thread);
  std::stable_sort(use.by_name.begin(), use.by_name.end(),
                   [](const ThreadUse& one, const ThreadUse& other) {
                     return one.counts.cpu_s > other.counts.cpu_s;
                   });
  return use;
}

double machine_busy_s() {
  // cpu user nice system idle iowait irq softirq steal
  std::ifstream file("/proc/stat");
  std::string name;
  double ticks = 0;
  double busy = 0;
  file >> name;
  for (int i = 0; i < 8 && file >> ticks; ++i) {
    if (i != 3 && i != 4) busy += ticks;
  }
  return busy / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::uint64_t resident_bytes() { return numbers_of("/proc/self/smaps_rollup")["Rss"] * 1024; }

}  // namespace metlog
