#include "tools/console/pid_file.h"

#include <signal.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>

namespace metlog {
namespace {

constexpr std::string_view kReloaded = "reloaded";
constexpr std::string_view kRefused = "refused";

std::optional<std::string> contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// The number that a text begins with; what follows it stays in the text.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

absl::StatusOr<pid_t> read_pid_file(const std::string& path) {
  const std::optional<std::string> contents = contents_of(path);
  if (!contents) {
    return absl::NotFoundError("cannot read '" + path +
                               "'; is a metlogd running with --pid-file, as this user?");
  }
  std::string_view text = *contents;
  constexpr std::uint64_t kMaxPid = 1 << 22;
  const std::optional<std::uint64_t> number = take_number(text);
  if (!number || *number == 0 || *number > kMaxPid || (text != "\n" && !text.empty())) {
    return absl::InvalidArgumentError("'" + path + "' is no pid file: it holds no process number");
  }
  return static_cast<pid_t>(*number);
}

bool is_running_router(pid_t pid) {
  const std::optional<std::string> name = contents_of("/proc/" + std::to_string(pid) + "/comm");
  return name == "metlogd\n" && ::kill(pid, 0) == 0;
}

std::string http_file_of(const std::string& pid_file) { return pid_file + ".http"; }

std::string read_http_file(const std::string& pid_file) {
  std::string text = contents_of(http_file_of(pid_file)).value_or("");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string status_file_of(const std::string& pid_file) { return pid_file + ".status"; }

std::string reload_status_text(const ReloadStatus& status) {
  return std::to_string(status.number)
      .append(" ")
      .append(status.is_reloaded ? kReloaded : kRefused)
      .append("\n")
      .append(status.text)
      .append("\n");
}

ReloadStatus read_reload_status(const std::string& pid_file) {
  const std::optional<std::string> contents = contents_of(status_file_of(pid_file));
  if (!contents) return {};
  std::string_view text = *contents;
  const std::optional<std::uint64_t> number = take_number(text);
  const std::size_t line = text.find('\n');
  if (!number || line == std::string_view::npos) return {};
  const bool is_reloaded = text.substr(0, line).ends_with(kReloaded);
  text.remove_prefix(line + 1);
  if (text.ends_with('\n')) text.remove_suffix(1);
  return {*number, is_reloaded, std::string(text)};
}

}  // namespace metlog
