#include "tools/router/transport/dated_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <re2/re2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <map>
#include <set>
#include <utility>

#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/text/line_text.h"

namespace metlog {
namespace {

// A folder with more is not ours alone; what is found of it counts.
constexpr std::size_t kMaxFound = 200'000;

/// The order of the parts of a time, the larger before the smaller.
constexpr std::string_view kOrder = "YymdjHMS";

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

/// The names in a folder; none where it cannot be read.
std::vector<std::string> names_in(const UniqueFd& folder) {
  std::vector<std::string> names;
  const int fd = ::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return names;
  const std::unique_ptr<DIR, CloseFolder> open(::fdopendir(fd));
  if (open == nullptr) {
    ::close(fd);
    return names;
  }
  while (const dirent* const entry = ::readdir(open.get())) {
    if (names.size() == kMaxFound) break;
    if (entry->d_name[0] != '.' || std::string_view(entry->d_name).size() > 2) {
      names.emplace_back(entry->d_name);
    }
  }
  return names;
}

}  // namespace

struct DatedFiles::Component {
  std::unique_ptr<const RE2> regex;
  std::string groups;  // of PathTemplate::Component
};

struct DatedFiles::Found {
  std::string path;                         // below the root
  std::string series;                       // its values
  std::map<std::size_t, std::string> time;  // by the place in kOrder
  std::time_t written = 0;
};

DatedFiles::DatedFiles(const PathTemplate& path, std::shared_ptr<FileRoot> root,
                       FileRetention retention)
    : root_(std::move(root)), retention_(retention) {
  const std::vector<PathTemplate::Component> components = path.components();
  for (const PathTemplate::Component& component : components) {
    const bool is_last = &component == &components.back();
    // Rotated files belong to the date of the file that they were.
    std::string regex = component.regex + (is_last ? "(?:\\.[0-9]{1,4}(?:\\.gz)?)?" : "");
    components_.push_back({std::make_unique<const RE2>(regex, RE2::Quiet), component.groups});
  }
}

DatedFiles::~DatedFiles() = default;

/// Adds the files below `folder`, which fits the components before this one.
void DatedFiles::find(std::size_t component, const std::string& folder, const Found& above,
                      std::vector<Found>& found) const {
  const UniqueFd open = root_->open_folder_of(folder.empty() ? "." : folder + "/.");
  if (!open.is_open()) return;
  const Component& wanted = components_[component];
  std::vector<re2::StringPiece> groups(wanted.groups.size() + 1);
  for (const std::string& name : names_in(open)) {
    if (found.size() == kMaxFound) return;
    if (!wanted.regex->Match(name, 0, name.size(), RE2::ANCHOR_BOTH, groups.data(),
                             static_cast<int>(groups.size()))) {
      continue;
    }
    Found next = above;
    next.path = folder.empty() ? name : folder + "/" + name;
    for (std::size_t i = 0; i < wanted.groups.size(); ++i) {
      const std::string text(groups[i + 1].data(), groups[i + 1].size());
      if (wanted.groups[i] == PathTemplate::Component::kValue) {
        next.series += text + "/";
      } else {
        next.time[kOrder.find(wanted.groups[i])] = text;
      }
    }
    if (component + 1 < components_.size()) {
      find(component + 1, next.path, next, found);
      continue;
    }
    struct stat status {};
    if (::fstatat(open.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (!S_ISREG(status.st_mode)) continue;
    next.written = status.st_mtim.tv_sec;
    found.push_back(std::move(next));
  }
}

std::size_t DatedFiles::remove_old() {
  std::vector<Found> found;
  find(0, "", {}, found);
  std::map<std::string, std::set<std::map<std::size_t, std::string>>> dates;  // of each series
  for (const Found& file : found) dates[file.series].insert(file.time);
  const std::time_t now = std::time(nullptr);
  std::size_t removed = 0;
  for (const Found& file : found) {
    const auto& all = dates[file.series];
    const auto later =
        static_cast<std::size_t>(std::distance(all.upper_bound(file.time), all.end()));
    const bool is_over = retention_.count != 0 && later >= retention_.count;
    const bool is_aged = retention_.age.count() != 0 && now - file.written > retention_.age.count();
    if ((is_over || is_aged) && remove(file)) ++removed;
  }
  return removed;
}

bool DatedFiles::remove(const Found& file) const {
  const UniqueFd folder = root_->open_folder_of(file.path);
  const std::string name = file.path.substr(file.path.rfind('/') + 1);
  if (folder.is_open() && ::unlinkat(folder.get(), name.c_str(), 0) == 0) return true;
  if (errno == ENOENT) return false;  // others have removed it
  static DiagnosticLimit limit;
  const char* const reason = strerrordesc_np(errno);
  diagnose_seldom(limit, "cannot remove '%s': %s; it stays",
                  line_text(root_->path() + "/" + file.path).c_str(),
                  reason != nullptr ? reason : "unknown error");
  return false;
}

}  // namespace metlog
