#include "tools/metlog/tune/work_directory.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace metlog {

absl::StatusOr<WorkDirectory> WorkDirectory::make_below(
    std::initializer_list<std::string> parents) {
  int error = ENOENT;
  std::string tried;
  for (const std::string& parent : parents) {
    if (parent.empty()) continue;
    std::string path = parent;
    path += "/metlog-tune-XXXXXX";
    if (mkdtemp(path.data()) != nullptr) return WorkDirectory(path);
    error = errno;
    tried += (tried.empty() ? "" : ", ") + parent;
  }
  return absl::UnavailableError("no directory for measuring below " + tried + ": " +
                                std::strerror(error) + "; let TMPDIR name one");
}

WorkDirectory::~WorkDirectory() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace metlog
