#include "metlog/internal/base/thread_place.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <iterator>
#include <thread>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/base/own_thread.h"
#include "metlog/internal/base/start_thread.h"

namespace metlog {
namespace {

/// As many as Linux can be built for.
constexpr int kMaxCpus = 8192;

/// A set of CPUs of any machine; cpu_set_t ends at 1024.
class CpuSet {
 public:
  static CpuSet all() {
    CpuSet set;
    set.words_.fill(~Word{0});
    return set;
  }
  static CpuSet of(const std::vector<int>& cpus) {
    CpuSet set;
    for (const int cpu : cpus) set.words_[index_of(cpu)] |= mask_of(cpu);
    return set;
  }
  /// Of the calling thread. The kernel has no lock on a thread's set: nothing else changes it.
  static CpuSet of_thread() {
    CpuSet set;
    sched_getaffinity(0, sizeof set.words_, set.as_system());
    return set;
  }
  /// Gives it to the calling thread; what the process may not use is left out. Returns an errno.
  [[nodiscard]] int give_to_thread() {
    return sched_setaffinity(0, sizeof words_, as_system()) == 0 ? 0 : errno;
  }
  [[nodiscard]] std::vector<int> numbers() const {
    std::vector<int> cpus;
    for (int cpu = 0; cpu < kMaxCpus; ++cpu) {
      if ((words_[index_of(cpu)] & mask_of(cpu)) != 0) cpus.push_back(cpu);
    }
    return cpus;
  }

 private:
  using Word = unsigned long;
  static constexpr int kWordBits = 8 * static_cast<int>(sizeof(Word));
  static std::size_t index_of(int cpu) { return static_cast<std::size_t>(cpu / kWordBits); }
  static Word mask_of(int cpu) { return Word{1} << (cpu % kWordBits); }
  cpu_set_t* as_system() { return reinterpret_cast<cpu_set_t*>(words_.data()); }

  std::array<Word, kMaxCpus / kWordBits> words_{};
};

std::string cpu_list_text(const std::vector<int>& cpus) {
  std::string text;
  for (std::size_t first = 0; first < cpus.size();) {
    std::size_t last = first;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    absl::StrAppend(&text, text.empty() ? "" : ",", cpus[first]);
    if (last != first) absl::StrAppend(&text, "-", cpus[last]);
    first = last + 1;
  }
  return text;
}

/// The next step when the control group decides, and when the machine does.
absl::Status not_allowed(const std::vector<int>& wanted, const std::vector<int>& missing,
                         const std::vector<int>& allowed) {
  const auto machine = static_cast<int>(sysconf(_SC_NPROCESSORS_CONF));
  const std::string of_machine =
      missing.front() >= machine
          ? absl::StrCat("this machine has ", machine, machine == 1 ? " CPU" : " CPUs",
                         ", numbered from 0")
          : "they are offline or outside the cpuset of its control group, see "
            "Cpus_allowed_list in /proc/self/status and AllowedCPUs= of systemd";
  return absl::InvalidArgumentError(absl::StrCat(
      "thread_affinity is '", cpu_list_text(wanted), "', but the process may not use ",
      cpu_list_text(missing), ": ", of_machine, "; name some of ", cpu_list_text(allowed)));
}

absl::Status go_to_cpus(const std::vector<int>& cpus) {
  CpuSet wanted = CpuSet::of(cpus);
  // The most that the thread can have. Its starter may be on fewer; that is no limit.
  CpuSet all = CpuSet::all();
  const CpuSet before = CpuSet::of_thread();
  int error = all.give_to_thread();
  const std::vector<int> allowed = CpuSet::of_thread().numbers();
  std::vector<int> missing;
  std::set_difference(cpus.begin(), cpus.end(), allowed.begin(), allowed.end(),
                      std::back_inserter(missing));
  const bool can = error == 0 && missing.empty();
  CpuSet next = can ? wanted : before;
  if (const int refused = next.give_to_thread(); error == 0) error = refused;
  if (error == 0) return missing.empty() ? absl::OkStatus() : not_allowed(cpus, missing, allowed);
  return errno_status(error,
                      absl::StrCat("thread_affinity is '", cpu_list_text(cpus),
                                   "', but the system lets the process choose no CPUs"),
                      "allow sched_setaffinity() in its seccomp filter, or leave it out");
}

absl::Status become_nice(int nice) {
  const auto id = static_cast<id_t>(gettid());
  errno = 0;
  const int before = getpriority(PRIO_PROCESS, id);
  // A thread on Linux, not the process.
  if (before == nice || setpriority(PRIO_PROCESS, id, nice) == 0) return absl::OkStatus();
  const absl::Status status = errno_status(
      errno, absl::StrCat("thread_nice is ", nice, ", but the process may not go below ", before),
      absl::StrCat("allow it by LimitNICE=", nice, " in its systemd unit, 'ulimit -e ", 20 - nice,
                   "', or 'setcap cap_sys_nice+ep PROGRAM', or give ", before, " to 19"));
  return absl::PermissionDeniedError(status.message());
}

absl::StatusOr<int> cpu_number(std::string_view text) {
  int number = -1;
  const char* const end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || after != end || number < 0 || number >= kMaxCpus) {
    return absl::InvalidArgumentError(absl::StrCat("'", absl::string_view(text.data(), text.size()),
                                                   "' is no CPU number from 0 to ", kMaxCpus - 1));
  }
  return number;
}

std::string_view without_spaces(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t end = text.find_last_not_of(" \t");
  return end == std::string_view::npos ? std::string_view() : text.substr(begin, end + 1 - begin);
}

/// Adds the CPUs of `2` or `2-3`.
absl::Status add_range(std::string_view part, std::vector<int>& cpus) {
  const std::size_t dash = part.find('-');
  const absl::StatusOr<int> first = cpu_number(part.substr(0, dash));
  if (!first.ok()) return first.status();
  const absl::StatusOr<int> last =
      dash == std::string_view::npos ? first : cpu_number(part.substr(dash + 1));
  if (!last.ok()) return last.status();
  if (*last < *first) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the range '", absl::string_view(part.data(), part.size()), "' goes downwards"));
  }
  for (int cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<int>> parse_cpu_list(std::string_view text) {
  constexpr const char* kTakes = "; it takes CPU numbers and ranges, such as 0,2-3";
  std::vector<int> cpus;
  std::string_view rest = text;
  for (bool ends = false; !ends;) {
    const std::size_t comma = rest.find(',');
    const std::string_view part = without_spaces(rest.substr(0, comma));
    ends = comma == std::string_view::npos;
    if (!ends) rest.remove_prefix(comma + 1);
    if (part.empty()) {
      const bool is_all = without_spaces(text).empty();
      return absl::InvalidArgumentError(
          absl::StrCat(is_all ? "it names no CPU" : "a number is missing at a comma", kTakes));
    }
    if (const absl::Status status = add_range(part, cpus); !status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(status.message(), kTakes));
    }
  }
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  return cpus;
}

absl::Status ThreadPlace::enter() const {
  if (!name.empty()) pthread_setname_np(pthread_self(), name.c_str());
  const absl::Status on_cpus = cpus.empty() ? absl::OkStatus() : go_to_cpus(cpus);
  const absl::Status is_nice = nice.has_value() ? become_nice(*nice) : absl::OkStatus();
  return on_cpus.ok() ? is_nice : on_cpus;
}

void ThreadPlace::enter_or_say() const {
  static constinit DiagnosticLimit limit;
  const absl::Status status = enter();
  if (status.ok()) return;
  diagnose_seldom(limit, "the thread %s goes on elsewhere: %s", name.c_str(),
                  std::string(status.message()).c_str());
}

absl::Status ThreadPlace::check() const {
  if (is_anywhere()) return absl::OkStatus();
  absl::Status entered;
  std::thread thread;
  absl::Status started = start_thread(thread, name, [&] { entered = enter(); });
  if (!started.ok()) return started;
  thread.join();
  return entered;
}

void ThreadPlace::run(const std::function<void()>& body) const {
  std::thread thread;
  std::exception_ptr thrown;
  const auto there = [&] {
    const OwnThread mark;
    enter_or_say();
    try {
      body();
    } catch (...) {
      thrown = std::current_exception();
    }
  };
  if (is_anywhere() || !start_thread(thread, name, there).ok()) return body();
  thread.join();
  if (thrown != nullptr) std::rethrow_exception(thrown);
}

}  // namespace metlog
