#pragma once

#include <array>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>

#include "metlog/metlog.h"
#include "tests/faults/oracle.h"

namespace metlog {

/// A program that is stepped: an engine without threads, with its files in the present directory,
/// and calls that the oracle counts.
class SteppedProgram {
 public:
  SteppedProgram(Oracle& oracle, unsigned seed, std::size_t spare_rings);
  ~SteppedProgram();
  SteppedProgram(const SteppedProgram&) = delete;
  SteppedProgram& operator=(const SteppedProgram&) = delete;

  // The parts of its life, each a run of its own.

  /// Calls of all lengths, in a ring that wraps, is full at times, and has a context.
  void write();
  /// The first call of a thread, which makes its ring; clients and call sites that come later.
  void begin();
  /// A thread's last words, and the ring that it leaves to the next one.
  void succeed();
  /// A ring that is full, and continues in larger ones, the last of which get memory by parts.
  void grow();
  /// The same with several connections, where all of a thread's messages take the same one.
  void grow_in_pool();
  /// The flusher: from rings to batches to the file.
  void flush();
  /// A client that is closed, and another one in its slot.
  void reopen();
  /// The end: another destination, the last messages of a client, and the session's removal.
  void end();
  /// All of it, from the engine's start to its orderly end. For a test that does not step it.
  void live();

 private:
  void stepped(const std::function<void()>& part);
  void start();
  void open(unsigned lane, ClientOptions options = {});
  void log(unsigned lane, std::size_t padding);
  void log_stepped(unsigned lane, std::size_t padding);
  void stop();
  void log_from(const Site& site, unsigned lane);
  void settle();
  std::size_t any_padding();
  class Context;
  std::unique_ptr<Context> any_context();
  unsigned any(unsigned end) { return static_cast<unsigned>(random_() % end); }

  std::mt19937 random_;
  int round_ = 0;  // the field of the context, which each call names, too; 0 without a context
  Oracle& oracle_;
  EngineOptions options_;
  std::unique_ptr<Engine> engine_;
  std::array<std::unique_ptr<Client>, 2> clients_;
};

}  // namespace metlog
