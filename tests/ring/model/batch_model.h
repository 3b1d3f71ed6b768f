#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace metlog {

/// A record by its number, 0 for none, and the number that its message got in the stream.
struct ModelMessage {
  std::uint8_t record = 0;
  std::uint8_t sequence = 0;
  friend auto operator<=>(const ModelMessage&, const ModelMessage&) = default;
};

/// What outlives a process: a ring of two cells, the files of batches, and what the destination
/// has. docs/ring.md, "Batches".
struct ModelImage {
  struct Batch {
    bool exists = false;
    std::uint8_t count = 0;
    std::uint8_t next = 0;
    std::uint8_t first_sequence = 0;
    std::uint8_t next_sequence = 0;
    std::array<std::uint8_t, 4> records{};  // the table, with the text
    friend auto operator<=>(const Batch&, const Batch&) = default;
  };
  static constexpr std::size_t kCells = 2;

  // A cell holds the number of the record that was written there last, which is its position + 1.
  std::array<std::uint8_t, kCells> cells{};
  std::array<bool, kCells> is_half_written{};
  std::uint8_t read = 0;
  std::uint8_t drained = 0;
  std::vector<Batch> batches;
  std::set<ModelMessage> destination;
  std::uint8_t returned = 0;  // the calls that have
  friend auto operator<=>(const ModelImage&, const ModelImage&) = default;
};

/// A defect of the protocol, seeded to see it found. Each swaps two stores or weakens a rule.
enum class BatchFault {
  kNone,
  kDrainsBeforeItCounts,          // the flusher: drained_pos before the batch's count
  kCountsBeforeItWrites,          // the count before the text
  kFreesBeforeItDrains,           // read_pos before the message is in the batch
  kMovesCursorBeforeItSends,      // the sender
  kClearsWithoutNextSequence,     // the sender: the number that follows is forgotten
  kRecoveryDrainsBeforeItStores,  // a recovery that dies
  kRecoveryRemovesBeforeItStores,
  kRecoveryForgetsRecordIds,  // takes from the ring what a batch has, too
};

/// What an exploration has found.
struct BatchExploration {
  std::uint64_t states = 0;  // of a living process
  std::uint64_t images = 0;  // of a dead one, and of recoveries that died
  std::string violation;     // empty when nothing is lost, and nothing comes under two numbers
};

/// Explores every order in which a writer, a flusher and a sender make their stores, a death in
/// every state, and two recoveries that die in every state before one ends.
BatchExploration explore_batches(BatchFault fault);

}  // namespace metlog
