#include "tests/ring/model/model_machine.h"

#include <algorithm>

namespace metlog {
namespace {

struct StepTaken {};  // thrown through the program at the access that is not due yet

}  // namespace

std::size_t ModelMachine::step(ModelState& state, int thread, std::size_t choice) {
  state_ = &state;
  thread_ = static_cast<std::size_t>(thread);
  cursor_ = 0;
  notes_ = 0;
  choice_ = choice;
  choices_ = 1;
  has_stepped_ = false;
  try {
    programs_[thread_]();
    self().finished = true;
  } catch (const StepTaken&) {
  }
  return choices_;
}

bool ModelMachine::is_replayed(std::uint64_t& logged) {
  if (cursor_ >= self().log.size()) return false;
  logged = self().log[cursor_++];
  return true;
}

void ModelMachine::begin_atomic() {
  if (has_stepped_) throw StepTaken{};
  has_stepped_ = true;
  ++self().clock[thread_];
}

std::uint64_t ModelMachine::load(int word, Order order) {
  const auto at = static_cast<std::size_t>(word);
  const std::vector<ModelStore>& history = state_->words[at];
  std::uint64_t index = 0;
  if (!is_replayed(index)) {
    begin_atomic();
    choices_ = history.size() - self().view[at];
    index = history.size() - 1 - choice_;
    self().view[at] = static_cast<std::uint16_t>(index);
    const ModelStore& from = history[index];
    if (order == Order::kAcquire && from.releases) {
      for (std::size_t i = 0; i < kModelWords; ++i) {
        self().view[i] = std::max(self().view[i], from.view[i]);
      }
      for (std::size_t i = 0; i < kModelThreads; ++i) {
        self().clock[i] = std::max(self().clock[i], from.clock[i]);
      }
    }
    log(index);
  }
  return history[index].value;
}

void ModelMachine::store(int word, std::uint64_t value, Order order) {
  std::uint64_t logged = 0;
  if (is_replayed(logged)) return;
  begin_atomic();
  const auto at = static_cast<std::size_t>(word);
  std::vector<ModelStore>& history = state_->words[at];
  if (self().view[at] + std::size_t{1} != history.size()) fail("two threads store one word");
  self().view[at] = static_cast<std::uint16_t>(history.size());
  ModelStore next{value, order == Order::kRelease, {}, {}};
  if (next.releases) {
    next.view = self().view;
    next.clock = self().clock;
  }
  history.push_back(next);
  log(0);
}

std::uint64_t ModelMachine::read(int plain) {
  std::uint64_t value = 0;
  if (is_replayed(value)) return value;
  ModelPlainWord& word = state_->plains[static_cast<std::size_t>(plain)];
  if (word.writer >= 0 && !has_seen(static_cast<std::size_t>(word.writer), word.written_at)) {
    fail("race: a read of arguments while another thread writes them");
  }
  word.read_at[thread_] = ++self().clock[thread_];
  log(word.value);
  return word.value;
}

void ModelMachine::write(int plain, std::uint64_t value) {
  std::uint64_t logged = 0;
  if (is_replayed(logged)) return;
  ModelPlainWord& word = state_->plains[static_cast<std::size_t>(plain)];
  for (std::size_t other = 0; other < kModelThreads; ++other) {
    if (!has_seen(other, word.read_at[other])) {
      fail("race: a write of arguments while another thread reads them");
    }
  }
  if (word.writer >= 0 && !has_seen(static_cast<std::size_t>(word.writer), word.written_at)) {
    fail("race: two threads write the same arguments");
  }
  word.value = value;
  word.writer = static_cast<int>(thread_);
  word.written_at = ++self().clock[thread_];
  log(0);
}

void ModelMachine::note(const ModelNote& note) {
  if (++notes_ > self().notes.size()) self().notes.push_back(note);
}

void ModelMachine::fail(const std::string& what) {
  if (state_->violation.empty()) state_->violation = what;
}

}  // namespace metlog
