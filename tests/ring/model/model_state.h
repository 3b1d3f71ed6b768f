#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace metlog {

/// The state of one execution of the model: memory with its history, and what each thread has
/// seen of it. A value: the explorer copies it at every branch.

inline constexpr int kModelThreads = 2;
inline constexpr int kModelWords = 7;   // atomic: a ring's heads, read_pos, drained_pos and freed
inline constexpr int kModelPlains = 4;  // not atomic: a ring's arguments, one word for each cell

/// The number of accesses of each thread that happened before a point.
using ModelClock = std::array<std::uint16_t, kModelThreads>;

/// For each atomic word, the oldest store that may still be read, as an index into its history.
using ModelView = std::array<std::uint16_t, kModelWords>;

/// One store to an atomic word. A releasing one carries what its thread had seen and done.
struct ModelStore {
  std::uint64_t value = 0;
  bool releases = false;
  ModelView view{};
  ModelClock clock{};
};

/// A word that is not atomic: two accesses, one of them a write, must be ordered by happens-before.
struct ModelPlainWord {
  std::uint64_t value = 0;
  int writer = -1;
  std::uint16_t written_at = 0;  // on the writer's clock
  ModelClock read_at{};          // on each reader's clock; 0 for never
};

/// A record that a program says it has committed, or has received.
struct ModelNote {
  std::uint64_t pos;
  std::uint64_t cells;
  std::uint64_t number;
  bool operator==(const ModelNote&) const = default;
};

struct ModelThread {
  ModelClock clock{};
  ModelView view{};
  /// The results of all accesses so far, replayed when the program is run again from its beginning.
  std::vector<std::uint64_t> log;
  std::vector<ModelNote> notes;
  bool finished = false;
};

struct ModelState {
  std::array<std::vector<ModelStore>, kModelWords> words;  // in modification order
  std::array<ModelPlainWord, kModelPlains> plains;
  std::array<ModelThread, kModelThreads> threads;
  std::string violation;  // empty while there is none

  ModelState() { words.fill({ModelStore{}}); }

  /// The value that every store has reached: what another process finds after a death.
  [[nodiscard]] std::uint64_t newest(int word) const {
    return words[static_cast<std::size_t>(word)].back().value;
  }
};

}  // namespace metlog
