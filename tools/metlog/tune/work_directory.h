#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace metlog {

/// A directory of its own, removed with all that is in it.
class WorkDirectory {
 public:
  /// Below the first of these that can be written to.
  static absl::StatusOr<WorkDirectory> make_below(std::initializer_list<std::string> parents);
  WorkDirectory(WorkDirectory&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }
  WorkDirectory& operator=(WorkDirectory&&) = delete;
  ~WorkDirectory();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit WorkDirectory(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace metlog
