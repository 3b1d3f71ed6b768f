#include "tests/ring/model/explorer.h"

namespace metlog {
namespace {

std::string key_of(const ModelState& state) {
  std::string key;
  for (const ModelThread& thread : state.threads) {
    key += static_cast<char>(thread.log.size());
    key.append(reinterpret_cast<const char*>(thread.log.data()),
               thread.log.size() * sizeof(thread.log[0]));
    key += thread.finished ? 'f' : 'r';
  }
  return key;
}

bool all_finished(const ModelState& state) {
  for (const ModelThread& thread : state.threads) {
    if (!thread.finished) return false;
  }
  return true;
}

}  // namespace

Exploration Explorer::explore(const ModelState& initial) {
  found_ = {};
  visited_.clear();
  visit(initial);
  return found_;
}

void Explorer::visit(const ModelState& state) {
  ++found_.states;
  if (all_finished(state)) {
    ++found_.executions;
    fail(at_end_(state));
    return;
  }
  for (int thread = 0; thread < kModelThreads; ++thread) {
    if (!state.threads[static_cast<std::size_t>(thread)].finished) branch(state, thread);
  }
}

void Explorer::branch(const ModelState& state, int thread) {
  std::size_t choices = 1;
  for (std::size_t choice = 0; choice < choices && found_.violation.empty(); ++choice) {
    const std::size_t path_size = path_.size();
    path_ += std::to_string(thread);
    if (choice > 0) path_.append("-").append(std::to_string(choice));
    path_ += ' ';
    ModelState next = state;
    choices = machine_.step(next, thread, choice);
    if (is_worth_visiting(next)) visit(next);
    path_.resize(path_size);
  }
}

bool Explorer::is_worth_visiting(const ModelState& state) {
  fail(state.violation);
  if (found_.violation.empty()) fail(at_every_state_(state));
  return found_.violation.empty() && visited_.insert(key_of(state)).second;
}

void Explorer::fail(const std::string& violation) {
  if (violation.empty() || !found_.violation.empty()) return;
  found_.violation = violation;
  found_.schedule = path_;
}

}  // namespace metlog
