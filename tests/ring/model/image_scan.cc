#include "tests/ring/model/image_scan.h"

#include "metlog/internal/ring/cell.h"

namespace metlog {

ImageScan::ImageScan(const ModelState& memory, const RingPlan& plan)
    : memory_(memory),
      plan_(plan),
      first_pos_(static_cast<std::int64_t>(memory.newest(kDrainedPosWord))) {
  end_pos_ = find_end(first_pos_);
  scan(first_pos_, end_pos_);
}

std::int64_t ImageScan::find_end(std::int64_t pos) {
  while (is_in_file(pos, 1) && is_of_its_lap(pos)) {
    const std::uint64_t cells = RecordHeader::unpack(head_at(pos)).cells;
    if (!is_in_file(pos, cells)) break;
    if (cells == 0) {
      damage_ = "a continuation cell where a record must begin";
      break;
    }
    pos += static_cast<std::int64_t>(cells);
  }
  is_cut_ = !is_in_file(pos, 1) ||
            (is_of_its_lap(pos) && !is_in_file(pos, RecordHeader::unpack(head_at(pos)).cells));
  return pos;
}

bool ImageScan::is_in_file(std::int64_t pos, std::uint64_t cells) const {
  if (!plan_.is_refused) return true;
  for (std::uint64_t i = 0; i < cells; ++i) {
    const std::uint64_t index = (static_cast<std::uint64_t>(pos) + i) & (plan_.capacity() - 1);
    if (index >= plan_.ready_cells) return false;
  }
  return true;
}

void ImageScan::scan(std::int64_t pos, std::int64_t end) {
  while (pos < end && damage_.empty()) {
    const RecordHeader head = RecordHeader::unpack(head_at(pos));
    if (!is_of_its_lap(pos)) {
      damage_ = "a cell of another lap among the records";
    } else if (head.cells == 0) {
      damage_ = "a continuation cell of no record";
    } else {
      take(pos, head.cells, head.site);
      pos += head.cells;
    }
  }
}

void ImageScan::take(std::int64_t pos, std::uint64_t cells, std::uint64_t number) {
  for (std::uint64_t i = 0; i < cells; ++i) {
    const std::int64_t at = pos + static_cast<std::int64_t>(i);
    const auto index = static_cast<std::size_t>(at) & (plan_.capacity() - 1);
    if (i > 0 && (!is_of_its_lap(at) || RecordHeader::unpack(head_at(at)).cells != 0)) {
      damage_ = "a record whose cells are not all of one lap";
    }
    if (memory_.plains[index].value != plan_args(number, i)) damage_ = "an invented or torn record";
  }
  records_.push_back({static_cast<std::uint64_t>(pos), cells, number});
}

bool ImageScan::is_of_its_lap(std::int64_t pos) const {
  return RecordHeader::unpack(head_at(pos)).lap ==
         lap_of(static_cast<std::uint64_t>(pos), plan_.cells_log2);
}

std::uint64_t ImageScan::head_at(std::int64_t pos) const {
  return memory_.newest(static_cast<int>(static_cast<std::uint64_t>(pos) & (plan_.capacity() - 1)));
}

}  // namespace metlog
