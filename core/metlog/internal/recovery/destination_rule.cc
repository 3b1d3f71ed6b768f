#include "metlog/internal/recovery/destination_rule.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace metlog {
namespace {

/// What a process has as its standard output or error, or as its terminal.
bool is_stream(const Url& url) {
  constexpr std::string_view kPaths[] = {"/dev/stdout", "/dev/stderr",     "/dev/fd/1",
                                         "/dev/fd/2",   "/proc/self/fd/1", "/proc/self/fd/2",
                                         "/dev/tty",    "/dev/console"};
  return url.scheme == "stdout" || url.scheme == "stderr" ||
         (url.scheme == "file" &&
          std::find(std::begin(kPaths), std::end(kPaths), url.path) != std::end(kPaths));
}

/// A descriptor, or something else that only the process itself sees under this name.
bool is_of_process(const Url& url) {
  return url.scheme == "file" &&
         (url.path.starts_with("/dev/fd/") || url.path.starts_with("/proc/"));
}

}  // namespace

DestinationRule DestinationRule::of_program(std::string program) {
  DestinationRule rule;
  rule.allows_all_ = false;
  rule.program_ = std::move(program);
  return rule;
}

void DestinationRule::keep_apart(const std::string& app, Url& url) const {
  if (is_own(app)) return;
  for (const char* const option : {"debug_stderr", "unsent_stderr"}) url.query.erase(option);
}

DestinationRule DestinationRule::of_router() { return of_program({}); }

absl::Status DestinationRule::check(const std::string& app, const Url& url) const {
  if (allows_all_) return absl::OkStatus();
  const auto left = [&url](const char* why) {
    return absl::FailedPreconditionError(absl::StrCat("'", url.text, "' ", why));
  };
  if (is_stream(url)) {
    return is_own(app) ? absl::OkStatus() : left("is of the process that died");
  }
  if (is_of_process(url)) return left("is of the process that died");
  if (url.scheme == "nosend") return left("is no destination");
  if (url.scheme == "file" && !is_own(app) && ::access(url.path.c_str(), F_OK) != 0) {
    return left("is not there any more, and the program that made it may see other files");
  }
  return absl::OkStatus();
}

}  // namespace metlog
