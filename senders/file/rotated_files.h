#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "metlog/internal/base/unique_fd.h"

namespace metlog {

/// The files NAME.1 to NAME.<keep> beside the file NAME, from the newest to the oldest; compressed
/// ones are called NAME.1.gz and so on. Nothing else in the directory is touched. Whoever renames
/// or removes them holds the directory's lock (flock(2)) meanwhile, where the directory may be read
/// and its file system has locks; so they stay what they are under it. Used by one thread.
class RotatedFiles {
 public:
  /// `directory` is an open one, which outlives this.
  RotatedFiles(int directory, std::string name, int keep);

  /// Renames NAME to NAME.1, that one to NAME.2 and so on; what was NAME.<keep> is gone. Returns 0
  /// or an errno, EAGAIN while another process has the lock.
  int shift();

  /// Returns the numbers of those that are not compressed, except for the first: writers may not
  /// know yet that NAME.1 was rotated, and add to it.
  [[nodiscard]] std::vector<int> uncompressed() const;
  /// Opens one for reading; none with an errno.
  [[nodiscard]] UniqueFd open(int number) const;
  /// Puts the compressed file `compressed`, a name in the directory, in the place of `original`,
  /// which may have another number by now. False when that is not among them any more, or has
  /// changed: no longer `bytes` long.
  bool replace(int original, const std::string& compressed, std::size_t bytes);
  /// Removes those that were last written before this, UTC seconds; returns how many.
  int remove_older(std::time_t time);

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  struct Found {
    std::string name;
    bool is_compressed;
  };
  [[nodiscard]] std::string numbered(int number) const;
  [[nodiscard]] bool exists(const std::string& name) const;
  [[nodiscard]] std::optional<Found> find(int number) const;

  const int directory_;
  const UniqueFd lockable_;  // the directory, too; none where it may not be read
  const std::string name_;
  const int keep_;
};

}  // namespace metlog
