#include "tools/router/retired_parts.h"

#include <algorithm>
#include <utility>

namespace metlog {
namespace {

// What was sent before the input was removed may still be on its way through the kernel and libzmq.
constexpr std::chrono::milliseconds kSilence{50};
// A peer that goes on sending would else keep the input for ever.
constexpr std::chrono::seconds kLongest{5};

}  // namespace

void RetiredParts::add(std::unique_ptr<Input> input, TimePoint now) {
  inputs_.push_back({std::move(input), now, now});
}

void RetiredParts::add(std::unique_ptr<Output> output, std::uint64_t offered,
                       std::chrono::nanoseconds limit) {
  output->begin_close(limit);
  outputs_.push_back({std::move(output), offered});
}

void RetiredParts::read(TimePoint now, const std::function<std::size_t(Input& input)>& read,
                        const std::function<void(Input& input)>& finish) {
  for (RetiredInput& retired : inputs_) {
    const std::size_t frames = read(*retired.input);
    if (frames != 0) retired.last_frame = now;
    if (frames == kMustWait) retired.since = now;  // its time has not begun
  }
  std::erase_if(inputs_, [&](const RetiredInput& retired) {
    const bool is_done = now - retired.since >= kLongest ||
                         (now - retired.last_frame >= kSilence && retired.input->is_dry());
    if (!is_done) return false;
    finish(*retired.input);
    add_row(input_rows_, *retired.input);
    return true;
  });
}

bool RetiredParts::is_dry() {
  bool dry = true;
  for (const RetiredInput& retired : inputs_) dry = retired.input->is_dry() && dry;
  return dry;
}

void RetiredParts::end_inputs(const std::function<void(Input& input)>& finish) {
  for (const RetiredInput& retired : inputs_) {
    finish(*retired.input);
    add_row(input_rows_, *retired.input);
  }
  inputs_.clear();
}

void RetiredParts::end_outputs() {
  std::erase_if(outputs_, [&](const RetiredOutput& retired) {
    if (!retired.output->has_ended()) return false;
    retired.output->end_close();
    add_row(output_rows_, row_of(retired));
    return true;
  });
}

void RetiredParts::begin_close(std::chrono::nanoseconds limit) {
  for (const RetiredOutput& retired : outputs_) retired.output->begin_close(limit);
}

void RetiredParts::end_close() {
  for (const RetiredOutput& retired : outputs_) retired.output->end_close();
  end_outputs();
}

RetiredParts::OutputRow RetiredParts::row_of(const RetiredOutput& retired) {
  OutputRow row{retired.output->ledger(), retired.offered};
  row.ledger.is_removed = true;
  return row;
}

void RetiredParts::add_row(std::vector<OutputRow>& rows, const OutputRow& row) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const OutputRow& known) {
    return known.ledger.name == row.ledger.name && known.ledger.url == row.ledger.url;
  });
  if (found == rows.end()) {
    rows.push_back(row);
    return;
  }
  found->ledger += row.ledger;
  found->offered += row.offered;
}

void RetiredParts::add_row(std::vector<InputLedger>& rows, const Input& input) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const InputLedger& known) {
    return known.endpoint == input.endpoint();
  });
  if (found == rows.end()) {
    rows.push_back({input.endpoint(), input.counts(), true});
  } else {
    found->counts += input.counts();
  }
}

void RetiredParts::add_to(RouterLedger& ledger, std::uint64_t accepted) const {
  std::vector<InputLedger> inputs = input_rows_;
  for (const RetiredInput& retired : inputs_) add_row(inputs, *retired.input);
  ledger.inputs.insert(ledger.inputs.end(), inputs.begin(), inputs.end());
  std::vector<OutputRow> outputs = output_rows_;
  for (const RetiredOutput& retired : outputs_) add_row(outputs, row_of(retired));
  for (OutputRow& row : outputs) {
    // Several that were there one after the other may have been offered a message each.
    row.ledger.not_there = accepted - row.offered;
    ledger.outputs.push_back(std::move(row.ledger));
  }
}

}  // namespace metlog
