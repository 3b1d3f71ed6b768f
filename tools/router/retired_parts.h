#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "tools/router/input/input.h"
#include "tools/router/output/output.h"
#include "tools/router/router_ledger.h"

namespace metlog {

/// The inputs and outputs that a running router has been told to do without, until they are done,
/// and what became of them. An input is read until it has been silent for a while and is dry; an
/// output sends what it has taken. Used by one thread.
class RetiredParts {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void add(std::unique_ptr<Input> input, TimePoint now);
  /// `offered` messages were accepted while the output was there. It has `limit` to end.
  void add(std::unique_ptr<Output> output, std::uint64_t offered, std::chrono::nanoseconds limit);

  /// True while an input or output is not done.
  [[nodiscard]] bool is_busy() const { return !inputs_.empty() || !outputs_.empty(); }
  [[nodiscard]] bool has_inputs() const { return !inputs_.empty(); }
  /// For `read`: an output holds the inputs, so this one may not be read now.
  static constexpr std::size_t kMustWait = SIZE_MAX;
  /// Reads each input by `read`, which returns the number of frames or kMustWait, and closes those
  /// that have been silent while they could be read, after `finish` has taken what they have left.
  void read(TimePoint now, const std::function<std::size_t(Input& input)>& read,
            const std::function<void(Input& input)>& finish);
  /// Input::is_dry() of all its inputs.
  bool is_dry();
  /// Closes all inputs, in the same way.
  void end_inputs(const std::function<void(Input& input)>& finish);
  /// Closes the outputs that have sent all, or whose time is over.
  void end_outputs();
  /// Closes all outputs, in the two steps of an output. They end within this limit, or their own if
  /// that is sooner.
  void begin_close(std::chrono::nanoseconds limit);
  void end_close();

  /// Adds the rows of all that were ever retired: one for each endpoint, and for each name and URL
  /// of an output. `accepted` is the router's count.
  void add_to(RouterLedger& ledger, std::uint64_t accepted) const;

 private:
  struct RetiredInput {
    std::unique_ptr<Input> input;
    TimePoint since;
    TimePoint last_frame;
  };
  struct RetiredOutput {
    std::unique_ptr<Output> output;
    std::uint64_t offered;
  };
  struct OutputRow {
    OutputLedger ledger;
    std::uint64_t offered;
  };

  static OutputRow row_of(const RetiredOutput& retired);
  static void add_row(std::vector<OutputRow>& rows, const OutputRow& row);
  static void add_row(std::vector<InputLedger>& rows, const Input& input);

  std::vector<RetiredInput> inputs_;
  std::vector<RetiredOutput> outputs_;
  // Of those that are done.
  std::vector<InputLedger> input_rows_;
  std::vector<OutputRow> output_rows_;
};

}  // namespace metlog
