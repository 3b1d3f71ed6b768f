#pragma once

#include <string>
#include <vector>

#include "tests/ring/model/model_state.h"
#include "tests/ring/model/ring_plan.h"

namespace metlog {

/// The records that a process may read from the ring's memory after a death, by the rules of
/// docs/ring.md ("What another process may read"). A description of the rules, run on the model;
/// not the reader of real files.
class ImageScan {
 public:
  ImageScan(const ModelState& memory, const RingPlan& plan);

  /// Ordered by position.
  [[nodiscard]] const std::vector<ModelNote>& records() const { return records_; }
  /// drained_pos: by I3, every record from there on can be trusted.
  [[nodiscard]] std::int64_t first_pos() const { return first_pos_; }
  /// The position at which the scan ended, and whether that is where the file has no cells, so that
  /// there may be more records.
  [[nodiscard]] std::int64_t end_pos() const { return end_pos_; }
  [[nodiscard]] bool is_cut() const { return is_cut_; }
  /// The violation of the invariants; empty for none.
  [[nodiscard]] const std::string& damage() const { return damage_; }

 private:
  std::int64_t find_end(std::int64_t pos);
  void scan(std::int64_t pos, std::int64_t end);
  void take(std::int64_t pos, std::uint64_t cells, std::uint64_t number);
  [[nodiscard]] bool is_in_file(std::int64_t pos, std::uint64_t cells) const;
  [[nodiscard]] bool is_of_its_lap(std::int64_t pos) const;
  [[nodiscard]] std::uint64_t head_at(std::int64_t pos) const;

  const ModelState& memory_;
  const RingPlan& plan_;
  std::int64_t first_pos_ = 0;
  std::int64_t end_pos_ = 0;
  bool is_cut_ = false;
  std::vector<ModelNote> records_;
  std::string damage_;
};

}  // namespace metlog
