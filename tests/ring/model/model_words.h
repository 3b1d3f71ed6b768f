#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/ring/cell.h"
#include "tests/ring/model/model_machine.h"

namespace metlog {

inline constexpr std::size_t kModelCellBytes = 32;

/// Passes the ring's accesses to the model: as they are written, or with a seeded defect.
struct AsWritten {
  static constexpr Order load(Order order) { return order; }
  static constexpr Order store(Order order) { return order; }
  static constexpr std::uint64_t value(std::uint64_t stored) { return stored; }
  static constexpr bool is_stored(std::uint64_t) { return true; }
  static constexpr std::uint64_t seen(std::uint64_t loaded) { return loaded; }
};

struct StoreRelaxed : AsWritten {
  static constexpr Order store(Order) { return Order::kRelaxed; }
};

struct LoadRelaxed : AsWritten {
  static constexpr Order load(Order) { return Order::kRelaxed; }
};

/// A continuation cell keeps whatever head it had.
struct ContinuationUntouched : AsWritten {
  static constexpr bool is_stored(std::uint64_t head) {
    return RecordHeader::unpack(head).cells != 0;
  }
};

/// A continuation cell is cleared, but for the lap it was written in.
struct ContinuationWithoutLap : AsWritten {
  static constexpr std::uint64_t value(std::uint64_t head) {
    return RecordHeader::unpack(head).cells == 0 ? 0 : head;
  }
};

/// The writer believes that the reader is a cell further than it is.
struct ReaderSeenAhead : AsWritten {
  static constexpr std::uint64_t seen(std::uint64_t pos) { return pos + 1; }
};

/// The writer believes so on the hot path.
struct FreedSeenAhead : AsWritten {
  static constexpr std::uint64_t seen(std::uint64_t address) { return address + kModelCellBytes; }
};

/// A PlainAtomic of the model, with the same interface.
template <class Defect>
struct ModelWord {
  ModelMachine* machine = nullptr;
  int at = 0;

  [[nodiscard]] std::uint64_t load(Order order) const {
    return Defect::seen(machine->load(at, Defect::load(order)));
  }
  void store(std::uint64_t value, Order order) {
    if (Defect::is_stored(value)) machine->store(at, Defect::value(value), Defect::store(order));
  }
};

/// The arguments of a cell.
struct ModelPlain {
  ModelMachine* machine = nullptr;
  int at = 0;

  [[nodiscard]] std::uint64_t read() const { return machine->read(at); }
  void write(std::uint64_t value) { machine->write(at, value); }
};

template <class Defect>
struct ModelCell {
  ModelWord<Defect> head;
  ModelPlain args;
};
static_assert(sizeof(ModelCell<AsWritten>) == kModelCellBytes);

template <class Defect>
struct ModelPositions {
  ModelWord<Defect> read_pos;
  ModelWord<AsWritten> drained_pos;
};

}  // namespace metlog
