#include "bench/host_cost/file_tail.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "bench/host_cost/cost_subject.h"
#include "bench/host_cost/measured_span.h"

namespace metlog {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;

}  // namespace

void FileTail::read_new() {
  if (!file_.is_open()) file_ = UniqueFd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file_.is_open()) return;
  while (true) {
    const std::size_t kept = pending_.size();
    pending_.resize(kept + kReadBytes);
    const ssize_t count = ::read(file_.get(), pending_.data() + kept, kReadBytes);
    pending_.resize(kept + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count <= 0) return;
    take_lines(monotonic_ns());
  }
}

void FileTail::take_lines(std::uint64_t now_ns) {
  const std::string_view text = pending_;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos;
       end = text.find('\n', begin)) {
    take_line(text.substr(begin, end - begin), now_ns);
    begin = end + 1;
  }
  pending_.erase(0, begin);
}

void FileTail::take_line(std::string_view line, std::uint64_t now_ns) {
  const std::size_t mark = line.find(kMessageMark);
  if (mark == std::string_view::npos) return;
  ++messages_;
  if (samples_ == Samples::kNone) return;
  // A number in a line ends before the line does.
  const char* const digits = line.data() + mark + std::string_view(kMessageMark).size();
  const std::uint64_t called_ns = std::strtoull(digits, nullptr, 10);
  if (called_ns != 0) ages_us_.push_back(static_cast<double>(now_ns - called_ns) / 1000);
}

}  // namespace metlog
