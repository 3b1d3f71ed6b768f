#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "metlog/internal/base/thread_place.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"

namespace metlog {

/// The SenderFactory of a URL. Makes the senders where our threads run: libraries start theirs
/// meanwhile, which inherit the place. Several connections, and each forked child, open the same
/// file: only the first empties it. One thread at a time, copies included.
class UrlFactory {
 public:
  /// `url` as sender_url() returns it, without what is of the client: its format and ids.
  UrlFactory(ThreadPlace place, Url url);

  absl::StatusOr<std::unique_ptr<Sender>> operator()() const;

  /// Equal for URLs of one destination, options included but for those that say how this client
  /// begins or frames what it sends there.
  [[nodiscard]] const std::string& destination() const { return destination_; }

 private:
  ThreadPlace place_;
  std::shared_ptr<Url> url_;
  std::string destination_;
};

}  // namespace metlog
