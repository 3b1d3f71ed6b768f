#include "tools/metlog/tune/measure/written_lines.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string_view>
#include <vector>

#include "metlog/internal/base/unique_fd.h"

namespace metlog {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;

/// Counts the lines that have ended; returns what is left behind the last of them.
std::string_view count_lines(std::string_view text, Arrival& arrival) {
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    const std::string_view line = text.substr(0, end);
    if (!line.empty()) arrival.messages += static_cast<std::uint64_t>(user_messages_in(line));
    text.remove_prefix(end + 1);
  }
  return text;
}

}  // namespace

std::optional<Arrival> count_written_lines(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!file.is_open() || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  Arrival arrival;
  std::string rest;
  std::vector<char> buffer(kChunk);
  while (true) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count <= 0) return arrival;
    rest.append(buffer.data(), static_cast<std::size_t>(count));
    const std::size_t left = count_lines(rest, arrival).size();
    rest.erase(0, rest.size() - left);
  }
}

}  // namespace metlog
