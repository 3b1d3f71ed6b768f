#pragma once

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "metlog/internal/base/unique_fd.h"
#include "senders/file/file_rotation.h"
#include "senders/file/rotated_files.h"

namespace metlog {

/// Compresses the rotated files of one file and removes those that are too old. It does so on a
/// thread named metlog-files, with nice value 10, which lives only while there is something to do.
/// Used by one thread.
///
/// A file is compressed into NAME.gz.tmp, whose lock (flock(2)) says which process is at it, and
/// renamed when it is whole. A process that dies leaves that name, which the next one takes over.
class FileUpkeep {
 public:
  explicit FileUpkeep(const FileRotation& rotation) : rotation_(rotation), owner_pid_(::getpid()) {}
  /// Stops what is being done; waits for some milliseconds at most.
  ~FileUpkeep();
  FileUpkeep(const FileUpkeep&) = delete;
  FileUpkeep& operator=(const FileUpkeep&) = delete;

  /// Looks after the files beside `name` in this directory, soon. Without a thread, because the
  /// system refuses it, the next call does.
  void ask(UniqueFd directory, std::string name);
  /// Returns once there is nothing to do any more.
  void wait();

 private:
  void run();
  void tend(int directory, const std::string& name);
  bool compress(int directory, RotatedFiles& files, int number);

  const FileRotation rotation_;
  const pid_t owner_pid_;  // a forked child has no thread
  std::unique_ptr<std::thread> thread_ = std::make_unique<std::thread>();
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  // Under the mutex.
  UniqueFd directory_;  // what is asked for; none for nothing
  std::string name_;
  bool is_running_ = false;
};

}  // namespace metlog
