#pragma once

#include <string>

#include "absl/status/status.h"
#include "metlog/internal/base/url.h"

namespace metlog {

/// Decides where a recovery may send what another process has left. Some destinations mean
/// something else in another process: its standard output, its descriptors, a path that it saw in a
/// mount namespace of its own.
class DestinationRule {
 public:
  /// Of a person's command, who knows what is meant: everything goes; `stdout:` is the command's.
  DestinationRule() = default;
  /// Of a program that starts. Streams are used for earlier runs of the same program only, and so
  /// is a file that is no longer there; other descriptors for none.
  static DestinationRule of_program(std::string program);
  /// Of a router: no streams, and files that are there.
  static DestinationRule of_router();

  /// kFailedPrecondition says why what the program `app` has left may not go there.
  [[nodiscard]] absl::Status check(const std::string& app, const Url& url) const;
  /// Takes out of a URL what would write messages of another program to this one's standard error.
  void keep_apart(const std::string& app, Url& url) const;
  /// True when what cannot be sent is nobody's fault: another program may know its scheme.
  [[nodiscard]] bool may_be_unknown() const { return !allows_all_; }

 private:
  [[nodiscard]] bool is_own(const std::string& app) const {
    return allows_all_ || (!program_.empty() && app == program_);
  }

  bool allows_all_ = true;
  std::string program_;  // empty for none
};

}  // namespace metlog
