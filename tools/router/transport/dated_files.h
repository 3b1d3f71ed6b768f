#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tools/router/transport/file_root.h"
#include "tools/router/transport/path_template.h"

namespace metlog {

/// How long files stay whose paths have a date.
struct FileRetention {
  /// Files that were not written for so long are removed; none when 0.
  std::chrono::seconds age{0};
  /// So many dates stay of each series of files, whose paths differ in the time only; all when 0.
  /// The dates must be in order: PathTemplate::is_ordered_by_time().
  std::size_t count = 0;

  [[nodiscard]] bool is_on() const { return age.count() != 0 || count != 0; }
};

/// Finds the files that a template has made below its root, rotated ones included, and removes what
/// is too old. Nothing that does not fit the template is touched, nothing above the root, and no
/// symbolic link is followed out of it. Folders stay. Used by one thread.
class DatedFiles {
 public:
  DatedFiles(const PathTemplate& path, std::shared_ptr<FileRoot> root, FileRetention retention);
  ~DatedFiles();

  /// Removes what is too old; returns how many files that were. Linear in what the folders hold.
  /// What cannot be removed is said on standard error, seldom.
  std::size_t remove_old();

 private:
  struct Found;
  struct Component;

  void find(std::size_t component, const std::string& folder, const Found& above,
            std::vector<Found>& found) const;
  [[nodiscard]] bool remove(const Found& file) const;

  const std::shared_ptr<FileRoot> root_;
  const FileRetention retention_;
  std::vector<Component> components_;
};

}  // namespace metlog
