#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "metlog/internal/base/plain_atomic.h"
#include "tests/ring/model/model_state.h"

namespace metlog {

/// Executes threads one atomic access at a time, by the rules of C++ for relaxed, acquire and
/// release accesses: a load may give any store that is not older than what its thread has seen;
/// an acquiring load of a releasing store takes over what the storing thread had seen and done.
/// Simplification: a word is stored by one thread only, so its modification order is the order of
/// execution; the machine checks that.
///
/// A thread is a function that is run again from its start for every step, fed with what its
/// accesses returned before, and left by an exception at the first access that is not due yet. So
/// it must depend on nothing but the values it reads.
class ModelMachine {
 public:
  using Program = std::function<void()>;

  explicit ModelMachine(std::array<Program, kModelThreads> programs)
      : programs_(std::move(programs)) {}

  /// Lets the thread make its next atomic access and what it does up to the one after. If that
  /// access is a load, it reads the choice-th newest store it may. Returns how many it may read.
  std::size_t step(ModelState& state, int thread, std::size_t choice);

  /// Called by programs, through ModelWord and ModelPlain.
  std::uint64_t load(int word, Order order);
  void store(int word, std::uint64_t value, Order order);
  std::uint64_t read(int plain);
  void write(int plain, std::uint64_t value);
  void note(const ModelNote& note);
  void fail(const std::string& what);

 private:
  // True when this access was made in an earlier step; `logged` is then its result.
  bool is_replayed(std::uint64_t& logged);
  void begin_atomic();
  void log(std::uint64_t given) { self().log.push_back(given), ++cursor_; }
  ModelThread& self() { return state_->threads[thread_]; }
  // True when an access of `other` at time `at` on its clock happened before the present one.
  bool has_seen(std::size_t other, std::uint16_t at) { return self().clock[other] >= at; }

  std::array<Program, kModelThreads> programs_;
  ModelState* state_ = nullptr;
  std::size_t thread_ = 0;
  std::size_t cursor_ = 0;  // accesses made in this run of the program
  std::size_t notes_ = 0;   // notes made in this run
  std::size_t choice_ = 0;
  std::size_t choices_ = 1;
  bool has_stepped_ = false;
};

}  // namespace metlog
