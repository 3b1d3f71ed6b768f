#include "metlog/internal/plugins/procinfo/process_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/base/unique_fd.h"

namespace metlog {
namespace {

double seconds_of(std::int64_t ticks) {
  return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

absl::Status unreadable(const std::string& path, int error) {
  return errno_status(error, "cannot read " + path,
                      "procinfo() needs a process of the same user and a mounted /proc");
}

absl::StatusOr<std::string> read_file(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return unreadable(path, errno);
  std::string text;
  std::array<char, 16 * 1024> bytes;
  for (;;) {
    const ssize_t count = ::read(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unreadable(path, errno);
    if (count == 0) return text;
    text.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

absl::Status lacks(std::string_view file, std::string_view what) {
  return absl::InternalError(absl::StrCat(absl::string_view(file.data(), file.size()), " lacks ",
                                          absl::string_view(what.data(), what.size()),
                                          "; this kernel writes it in another form"));
}

/// The number after `name:` in lines of `name: number`.
bool find_number(const std::string& text, absl::string_view name, std::int64_t& number) {
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words.size() > 1 && words[0] == absl::StrCat(name, ":")) {
      return absl::SimpleAtoi(words[1], &number);
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<ProcessStat> parse_stat(std::string_view text) {
  // Counted from the state, which follows the name and is the third field in proc(5).
  enum Field : std::size_t { kUser = 11, kSys = 12, kStart = 19 };
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return lacks("stat", "the program's name");
  const absl::string_view rest(text.data() + name_end + 1, text.size() - name_end - 1);
  const std::vector<absl::string_view> fields =
      absl::StrSplit(rest, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  std::int64_t user = 0;
  std::int64_t sys = 0;
  std::int64_t start = 0;
  if (fields.size() <= kStart || !absl::SimpleAtoi(fields[kUser], &user) ||
      !absl::SimpleAtoi(fields[kSys], &sys) || !absl::SimpleAtoi(fields[kStart], &start)) {
    return lacks("stat", "the times of the process");
  }
  return ProcessStat{{seconds_of(user), seconds_of(sys)}, seconds_of(start)};
}

ProcessFiles::ProcessFiles(std::string proc, std::int64_t pid)
    : proc_(std::move(proc)), pid_(pid), directory_(absl::StrCat(proc_, "/", pid, "/")) {}

absl::StatusOr<std::string> ProcessFiles::read(const std::string& name) const {
  absl::StatusOr<std::string> text = read_file(directory_ + name);
  if (!text.ok() && ::access(directory_.c_str(), F_OK) != 0) {
    return absl::NotFoundError(absl::StrCat("there is no process ", pid_, " in ", proc_));
  }
  return text;
}

absl::StatusOr<std::vector<std::string>> ProcessFiles::list(const std::string& name) const {
  const std::string path = directory_ + name;
  const auto close = [](DIR* directory) { ::closedir(directory); };
  const std::unique_ptr<DIR, decltype(close)> directory(::opendir(path.c_str()), close);
  if (directory == nullptr) return unreadable(path, errno);
  std::vector<std::string> names;
  while (const dirent* const entry = ::readdir(directory.get())) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  return names;
}

std::string ProcessFiles::link(const std::string& name) const {
  std::array<char, 256> target;
  const ssize_t size = ::readlink((directory_ + name).c_str(), target.data(), target.size());
  return size < 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(size));
}

absl::StatusOr<ProcessStat> ProcessFiles::stat() const {
  const absl::StatusOr<std::string> text = read("stat");
  if (!text.ok()) return text.status();
  return parse_stat(*text);
}

absl::StatusOr<std::vector<ThreadTimes>> ProcessFiles::threads() const {
  const absl::StatusOr<std::vector<std::string>> names = list("task");
  if (!names.ok()) return names.status();
  std::vector<ThreadTimes> threads;
  for (const std::string& name : *names) {
    ThreadTimes thread;
    const absl::StatusOr<std::string> text =
        read_file(absl::StrCat(directory_, "task/", name, "/stat"));
    if (!absl::SimpleAtoi(name, &thread.id) || !text.ok()) continue;  // it has ended
    const absl::StatusOr<ProcessStat> stat = parse_stat(*text);
    if (!stat.ok()) return stat.status();
    thread.cpu = stat->cpu;
    threads.push_back(thread);
  }
  std::sort(threads.begin(), threads.end(),
            [](const ThreadTimes& one, const ThreadTimes& other) { return one.id < other.id; });
  return threads;
}

absl::StatusOr<IoCounts> ProcessFiles::io() const {
  const absl::StatusOr<std::string> text = read("io");
  if (!text.ok()) return text.status();
  IoCounts counts;
  const std::pair<const char*, std::int64_t*> wanted[] = {{"read_bytes", &counts.read_bytes},
                                                          {"write_bytes", &counts.write_bytes},
                                                          {"syscr", &counts.read_count},
                                                          {"syscw", &counts.write_count}};
  for (const auto& [name, number] : wanted) {
    if (!find_number(*text, name, *number)) return lacks("io", name);
  }
  return counts;
}

absl::StatusOr<MemorySizes> ProcessFiles::memory() const {
  const absl::StatusOr<std::string> text = read("statm");
  if (!text.ok()) return text.status();
  const std::vector<std::string> pages = absl::StrSplit(*text, ' ');
  MemorySizes sizes;
  if (pages.size() < 2 || !absl::SimpleAtoi(pages[0], &sizes.vms_bytes) ||
      !absl::SimpleAtoi(pages[1], &sizes.rss_bytes)) {
    return lacks("statm", "the sizes of the process");
  }
  sizes.vms_bytes *= ::sysconf(_SC_PAGESIZE);
  sizes.rss_bytes *= ::sysconf(_SC_PAGESIZE);
  const absl::StatusOr<std::string> system = read_file(proc_ + "/meminfo");
  if (!system.ok()) return system.status();
  std::int64_t total_kib = 0;
  if (!find_number(*system, "MemTotal", total_kib) || total_kib <= 0) {
    return lacks("meminfo", "MemTotal");
  }
  sizes.percent =
      100.0 * static_cast<double>(sizes.rss_bytes) / (1024.0 * static_cast<double>(total_kib));
  return sizes;
}

}  // namespace metlog
