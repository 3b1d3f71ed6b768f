#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "metlog/internal/base/url.h"
#include "senders/file/file_rotation.h"

namespace metlog {

/// What a `file:` URL says; FileSender lists the options.
struct FileSettings {
  static absl::StatusOr<FileSettings> read(const Url& url);

  std::string path;
  bool truncate = false;
  std::chrono::milliseconds hold{2000};
  std::size_t hold_bytes = 0;  // that wait for a full disk for as long as it takes; 0 for none
  FileRotation rotation;
  mode_t mode = 0640;
  bool creates_directories = false;
  std::string header;  // a line without its newline; empty for none
  /// The options by which another process writes to the same file in the same way.
  std::map<std::string, std::string> lasting;
};

/// Makes a directory and those in which it is, as far as they are missing. False with an errno.
bool make_directories(const std::string& path, mode_t mode);

}  // namespace metlog
