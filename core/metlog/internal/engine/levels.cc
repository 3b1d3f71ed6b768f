#include "metlog/internal/engine/levels.h"

#include <pthread.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/engine/client_state.h"
#include "metlog/internal/engine/slot_table.h"
#include "metlog/levels.h"

namespace metlog {
namespace {

LevelRules environment_rules() {
  const char* const text = std::getenv("METLOG_LEVEL");
  if (text == nullptr) return {};
  absl::StatusOr<LevelRules> rules = LevelRules::parse(text);
  if (rules.ok()) return *std::move(rules);
  static constinit DiagnosticLimit limit;
  diagnose_seldom(limit, "METLOG_LEVEL has no effect: %s",
                  std::string(rules.status().message()).c_str());
  return {};
}

}  // namespace

Levels::Levels() : environment_(environment_rules()) {}

Levels& Levels::instance() {
  // Never destroyed: clients are used until the process ends.
  static Levels* const kLevels = [] {
    static Levels* const kMade = new Levels;
    ::pthread_atfork([] { kMade->lock_for_fork(); }, [] { kMade->unlock_after_fork(); },
                     [] {
                       for (const Member& member : kMade->members_) member.state->forget_changes();
                       kMade->unlock_after_fork();
                     });
    return kMade;
  }();
  return *kLevels;
}

void Levels::lock_for_fork() {
  mutex_.lock();
  for (const Member& member : members_) member.state->lock_for_fork();
  SlotTable::lock_for_fork();
}

void Levels::unlock_after_fork() {
  SlotTable::unlock_after_fork();
  for (const Member& member : members_) member.state->unlock_after_fork();
  mutex_.unlock();
}

std::optional<Severity> Levels::own_level(ClientState& state) {
  const std::lock_guard lock(state.mutex);
  return state.options.min_severity;
}

Levels::Member* Levels::find(const ClientState& state) {
  const auto found = std::find_if(members_.begin(), members_.end(), [&state](const Member& member) {
    return member.state == &state;
  });
  return found == members_.end() ? nullptr : &*found;
}

void Levels::join(ClientState& state, ClientGate& gate) {
  const std::lock_guard lock(mutex_);
  const std::optional<Severity> own = own_level(state);
  members_.push_back({&state, &gate, state.options.logger, own, {}});
  Member& member = members_.back();
  member.level = level_for(member.logger, own);
  state.set_level(member.level);
  refresh();
}

void Levels::move(const ClientState& state, const ClientGate& from, ClientGate& to) {
  const std::lock_guard lock(mutex_);
  to = from;
  if (Member* const member = find(state)) member->gate = &to;
}

void Levels::take_options(ClientState& state) {
  const std::lock_guard lock(mutex_);
  Member* const member = find(state);
  if (member == nullptr) return;
  {
    const std::lock_guard options_lock(state.mutex);
    member->logger = state.options.logger;
    member->own = state.options.min_severity;
    member->level = level_for(member->logger, member->own);
    state.set_level(member->level);
  }
  refresh();
}

void Levels::set(ClientState& state, Severity level) {
  const std::lock_guard lock(mutex_);
  if (Member* const member = find(state)) member->own = level;
  refresh();
}

void Levels::leave(const ClientState& state) {
  const std::lock_guard lock(mutex_);
  const auto gone =
      std::remove_if(members_.begin(), members_.end(),
                     [&state](const Member& member) { return member.state == &state; });
  if (gone == members_.end()) return;
  members_.erase(gone, members_.end());
  refresh();
}

void Levels::apply(const LevelRules& rules) {
  rules_.merge(rules);
  for (Member& member : members_) {
    if (member.own.has_value() && !member.logger.empty()) {
      member.own = rules.at(member.logger).value_or(*member.own);
    }
  }
  refresh();
}

absl::Status Levels::set(std::string_view logger, Severity level) {
  if (absl::Status status = LevelRules::check_name(logger); !status.ok()) return status;
  if (level < kSeverityOff || level > Severity::kTrace) {
    return absl::InvalidArgumentError(absl::StrCat("the level ", static_cast<int>(level), " of '",
                                                   absl::string_view(logger.data(), logger.size()),
                                                   "' is not from -1 to 8"));
  }
  LevelRules rules;
  rules.set(logger, level);
  const std::lock_guard lock(mutex_);
  apply(rules);
  return absl::OkStatus();
}

absl::Status Levels::set(std::string_view rules) {
  const absl::StatusOr<LevelRules> parsed = LevelRules::parse(rules);
  if (!parsed.ok()) return parsed.status();
  const std::lock_guard lock(mutex_);
  apply(*parsed);
  return absl::OkStatus();
}

bool Levels::reset(std::string_view logger) {
  const std::lock_guard lock(mutex_);
  const bool had_one = rules_.remove(logger);
  refresh();
  return had_one;
}

Severity Levels::of(std::string_view logger) {
  const std::lock_guard lock(mutex_);
  return level_for(logger, std::nullopt);
}

std::string Levels::text() {
  const std::lock_guard lock(mutex_);
  const std::string first = environment_.text();
  const std::string second = rules_.text();
  return first.empty() || second.empty() ? first + second : first + "," + second;
}

Severity Levels::level_for(std::string_view logger, std::optional<Severity> own) const {
  if (const std::optional<Severity> level = environment_.of(logger)) return *level;
  if (own.has_value()) return *own;
  return inherited(logger).value_or(Severity::kDebug);
}

std::optional<Severity> Levels::inherited(std::string_view logger) const {
  if (const std::optional<Severity> level = rules_.at(logger)) return level;
  for (std::string_view name = LevelRules::above(logger); !name.empty();
       name = LevelRules::above(name)) {
    if (const std::optional<Severity> level = rules_.at(name)) return level;
    const auto client = std::find_if(
        members_.rbegin(), members_.rend(),
        [name](const Member& member) { return member.own.has_value() && member.logger == name; });
    if (client != members_.rend()) return client->own;
  }
  return std::nullopt;
}

void Levels::refresh() {
  for (Member& member : members_) {
    const Severity level = level_for(member.logger, member.own);
    if (level == member.level) continue;
    member.level = level;
    member.state->set_level(level, *member.gate);
  }
}

absl::Status set_level(std::string_view logger, Severity level) {
  return Levels::instance().set(logger, level);
}

absl::Status set_levels(std::string_view rules) { return Levels::instance().set(rules); }

bool reset_level(std::string_view logger) { return Levels::instance().reset(logger); }

Severity level_of(std::string_view logger) { return Levels::instance().of(logger); }

std::string levels_text() { return Levels::instance().text(); }

}  // namespace metlog
