#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/text/timestamp_text.h"
#include "metlog/sender.h"
#include "senders/file/followed_file.h"
#include "senders/file/outage.h"
#include "tools/router/output/message_encoder.h"
#include "tools/router/transport/dated_files.h"
#include "tools/router/transport/file_root.h"
#include "tools/router/transport/path_template.h"

namespace metlog {

/// Appends each message as a line to a file whose path depends on the message: see PathTemplate.
/// Every line is written whole or not at all, and a file that was moved or removed is opened again:
/// see FileSender. Folders are made where they are missing, also when they were removed.
///
/// At most `max_open` files are open; the one that was used longest ago is closed for another one.
/// While the disk is full, messages wait for `hold`, then they are lost as kRefused until there is
/// space again. A message whose file cannot be opened or written is lost as kRefused at once, and
/// standard error says why, at most every ten seconds; messages of other files are not concerned.
///
/// With a retention it looks for old files when it begins, at a new path, at most once a minute,
/// and once an hour.
class RoutedFileSender final : public Sender, public RoutesMessages {
 public:
  struct Options {
    PathTemplate path;
    FileRoot::Modes modes;
    FileRotation rotation;
    TimeZone zone = TimeZone::kUtc;  // of the path's time
    /// The path's time is that of the writing, not the message's.
    bool uses_own_time = false;
    std::size_t max_open = 64;  // 1 or more
    std::chrono::milliseconds hold{2000};
    FileRetention retention = {};
    std::string header = {};  // the first line of each file; empty for none
  };

  /// Opens the root, and the file itself when the path is constant. Errors carry the system's
  /// reason.
  static absl::StatusOr<std::unique_ptr<Sender>> open(Options options);

  /// Must encode what this sender gets: it notes the path of each message.
  std::unique_ptr<MessageEncoder> routed(std::unique_ptr<MessageEncoder> encoder) override;

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] Handover handover() const override { return Handover::kKernel; }
  std::chrono::nanoseconds idle() override;
  [[nodiscard]] std::string_view url() const override { return url_; }

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Result = FollowedFile::Result;
  class Routing;

  struct OpenFile {
    FollowedFile file;
    std::uint64_t last_use = 0;
  };
  /// The messages of a batch for one file, by their indexes in the batch; all when there are none.
  struct Group {
    std::string path;
    std::vector<std::size_t> messages;
  };

  RoutedFileSender(Options options, std::shared_ptr<FileRoot> root);
  void group(const Batch& batch);
  Result write(const Group& group, Batch& batch, TimePoint now);
  Result write_lines(const std::string& path, Batch& lines, TimePoint now);
  FollowedFile& file_of(const std::string& path);
  void close_oldest();
  void remove_old(TimePoint now);
  static void lose(const Group& group, Batch& batch);
  void say_why(const std::string& path, std::size_t count, int error) const;

  const Options options_;
  const std::string url_;
  const std::shared_ptr<FileRoot> root_;
  const std::shared_ptr<Routing> routing_;  // shared with the encoder
  std::unordered_map<std::string, OpenFile> files_;
  std::uint64_t uses_ = 0;
  Outage outage_;
  DatedFiles dated_files_;
  bool has_new_path_ = true;  // since old files were looked for
  TimePoint next_removal_;
  // Of the batch in work.
  std::uint64_t batch_ = 0;  // its number; 0 for none
  std::vector<Group> groups_;
  Batch lines_{64 * 1024};  // of one group
};

}  // namespace metlog
