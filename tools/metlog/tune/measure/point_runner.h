#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tools/metlog/tune/measure/row.h"

namespace metlog {

/// Measures points, each in two processes of its own: one for the calls, one for what goes through.
/// Used by one thread.
class PointRunner {
 public:
  struct Options {
    std::string directory;  // for sockets and files; somebody else removes it
    std::string session_directory;
    std::string file;  // where the file transport writes
    std::uint64_t phase_ms = 200;
    std::uint64_t rate = 0;
    std::function<bool()> must_stop;
  };

  explicit PointRunner(Options options) : options_(std::move(options)) {}

  /// Never fails: what went wrong stands in the row.
  Row measure(const Setting& setting);

 private:
  Phase measure_phase(Measure measure, const Setting& setting, Row& row);
  Phase run(const PointOptions& asked, Receiver* receiver, Row& row);

  const Options options_;
};

}  // namespace metlog
