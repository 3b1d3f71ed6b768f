#pragma once

#include <cstddef>
#include <string>

#include "tools/console/terminal.h"

namespace metlog {

/// A bar on stderr that rewrites itself: share, time left, what is measured. Only on a terminal.
/// Used by one thread.
class TuneProgress {
 public:
  explicit TuneProgress(bool quiet);

  /// `share` from 0 to 1.
  void show(double share, double left_s, const std::string& what);

 private:
  ProgressLine line_;
};

/// "[########............]  40 %  36 s left  ring 64 KiB", cut to the columns.
std::string progress_text(double share, double left_s, const std::string& what,
                          std::size_t columns);

}  // namespace metlog
