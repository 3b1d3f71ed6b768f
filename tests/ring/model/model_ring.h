#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "metlog/internal/ring/cell.h"
#include "metlog/internal/ring/ring_header.h"
#include "metlog/internal/ring/ring_reader.h"
#include "metlog/internal/ring/ring_writer.h"
#include "tests/ring/model/model_machine.h"
#include "tests/ring/model/model_words.h"
#include "tests/ring/model/ring_plan.h"

namespace metlog {

/// The real ring, both ends of it, on the model's memory. Thread 0 writes the plan's records,
/// thread 1 reads; the notes of thread 0 record what was committed, those of thread 1 what was
/// read.
template <class HeaderDefect = AsWritten, class PositionDefect = AsWritten,
          class FreedDefect = AsWritten>
class ModelRing {
 public:
  explicit ModelRing(const RingPlan& plan)
      : plan_(plan), machine_({[this] { write_all(); }, [this] { read_all(); }}) {
    for (int i = 0; i < static_cast<int>(cells_.size()); ++i) {
      cells_[static_cast<std::size_t>(i)] = {{&machine_, i}, {&machine_, i}};
    }
    positions_ = {{&machine_, kReadPosWord}, {&machine_, kDrainedPosWord}};
    freed_ = {&machine_, kFreedWord};
  }
  ModelRing(const ModelRing&) = delete;
  ModelRing& operator=(const ModelRing&) = delete;

  [[nodiscard]] ModelMachine& machine() { return machine_; }

  [[nodiscard]] ModelState initial() const {
    std::vector<Cell> formatted(plan_.capacity());
    format_cells(formatted.data(), plan_.cells_log2, plan_.start_pos);
    ModelState state;
    for (std::size_t i = 0; i < formatted.size(); ++i) {
      state.words[i][0].value = formatted[i].head.load(Order::kRelaxed);
    }
    state.words[kReadPosWord][0].value = plan_.start_pos;
    state.words[kDrainedPosWord][0].value = plan_.start_pos;
    state.words[kFreedWord][0].value = freed_word(cells_.data(), plan_.cells_log2, plan_.start_pos);
    return state;
  }

 private:
  using CellT = ModelCell<HeaderDefect>;
  using PositionsT = ModelPositions<PositionDefect>;
  using FreedWord = ModelWord<FreedDefect>;
  using Writer = BasicRingWriter<CellT, PositionsT, FreedWord>;
  using Reader = BasicRingReader<CellT, PositionsT, FreedWord>;

  void write_all() {
    Writer writer;
    writer.set_wakes(plan_.wakes, false);
    writer.attach(cells_.data(), plan_.cells_log2, &positions_, &freed_, plan_.start_pos);
    if (plan_.ready_cells > 0) writer.set_ready(plan_.ready_cells);
    std::uint64_t number = 0;
    for (const std::uint64_t cells : plan_.records) {
      emit(writer, cells, ++number);
      if (plan_.has_handlers) emit(writer, 1, 2 * kFirstHandler + number);
    }
    if (!plan_.ends_with_last) return;
    const std::uint64_t pos = writer.pos();
    fill(writer, 1, ++number);
    writer.commit_last(pack_header(1, 0, number));
    machine_.note({pos, 1, number});
  }

  // Like a call site: the hot path when it is open, else the cold one, else a drop. A handler's
  // call that has interrupted another one leaves the ring alone.
  void emit(Writer& writer, std::uint64_t cells, std::uint64_t number) {
    if (cells > 1 && plan_.takes_hot_cells && publish_several(writer, cells, number)) return;
    if (cells == 1 && publish(writer, number)) return;
    if (!writer.try_hold()) return;
    const bool fits = has_room(writer, cells);
    writer.let_go();
    if (!fits) return;
    if (cells == 1 && publish(writer, number)) return;  // opened, if what is freed was known
    if (!writer.try_hold()) machine_.fail("a place that is never given back");
    const std::uint64_t pos = writer.pos();
    commit(writer, cells, number);
    machine_.note({pos, cells, number});
    writer.let_go();
  }

  bool publish(Writer& writer, std::uint64_t number) {
    const std::uint64_t pos = writer.pos();
    CellT* const cell = writer.try_reserve_cell(Priority::kHigh);
    if (cell == nullptr) return false;
    if (plan_.fault != CallerFault::kPublishesBeforeItFills) fill(writer, 1, number);
    writer.publish_cell(cell, pack_header(1, 0, number));
    if (plan_.fault == CallerFault::kPublishesBeforeItFills) cell->args.write(plan_args(number, 0));
    machine_.note({pos, 1, number});
    return true;
  }

  bool publish_several(Writer& writer, std::uint64_t cells, std::uint64_t number) {
    const std::uint64_t pos = writer.pos();
    CellT* const first = writer.try_reserve_cells(cells, Priority::kHigh);
    if (first == nullptr) return false;
    fill(writer, cells, number);
    writer.publish_cells(first, cells, pack_header(cells, 0, number));
    machine_.note({pos, cells, number});
    return true;
  }

  void commit(Writer& writer, std::uint64_t cells, std::uint64_t number) {
    const std::uint64_t head = pack_header(cells, 0, number);
    const std::uint64_t pos = writer.pos();
    fill(writer, cells, number);
    if (plan_.fault == CallerFault::kAnnouncesBeforeItIsSealed) {
      writer.cell_at(pos).head.store(head | lap_of(pos, plan_.cells_log2), Order::kRelease);
    }
    writer.commit(cells, head);
  }

  bool has_room(Writer& writer, std::uint64_t cells) {
    if (!writer.is_ready_for(cells)) writer.set_ready(plan_.capacity());
    for (int i = 0; i < plan_.tries; ++i) {
      if (writer.try_make_room(cells, Priority::kHigh)) return true;
    }
    return false;
  }

  void fill(Writer& writer, std::uint64_t cells, std::uint64_t number) {
    for (std::uint64_t i = 0; i < cells; ++i) {
      writer.cell_at(writer.pos() + i).args.write(plan_args(number, i));
      if (plan_.has_handlers && number < kFirstHandler) emit(writer, 1, kFirstHandler + number);
    }
  }

  void read_all() {
    Reader reader(cells_.data(), plan_.cells_log2, &positions_, plan_.start_pos, &freed_);
    for (int i = 0; i < plan_.polls; ++i) {
      const RecordHeader head = RecordHeader::unpack(reader.peek());
      if (head.cells == 0) {
        reader.release_space();
        continue;
      }
      if (plan_.fault == CallerFault::kReleasesBeforeItReads) {
        positions_.read_pos.store(reader.pos() + head.cells, Order::kRelease);
      }
      if (plan_.fault == CallerFault::kDrainsBeforeItPassesOn) {
        positions_.drained_pos.store(reader.pos() + head.cells, Order::kRelease);
        (void)reader.peek();  // the model stops threads at atomic accesses only
      }
      receive(reader, head);
    }
    reader.release_space();
  }

  // A note stands for the record's place in a batch.
  void receive(Reader& reader, const RecordHeader& head) {
    for (std::uint64_t i = 0; i < head.cells && i < plan_.capacity(); ++i) {
      if (reader.cell(i).args.read() != plan_args(head.site, i)) machine_.fail("a torn record");
    }
    machine_.note({reader.pos(), head.cells, head.site});
    reader.advance(head.cells);
  }

  RingPlan plan_;
  ModelMachine machine_;
  std::array<CellT, kModelPlains> cells_;
  PositionsT positions_;
  FreedWord freed_;
};

}  // namespace metlog
