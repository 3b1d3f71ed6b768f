#include "metlog/host_logger.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "metlog/client.h"
#include "metlog/internal/provider/host_echo.h"

namespace metlog {
namespace {

struct Hook {
  std::string name;
  Client* client;

  [[nodiscard]] bool is_above(std::string_view logger) const {
    if (name.empty() || logger == name) return true;
    return logger.size() > name.size() && logger.starts_with(name) && logger[name.size()] == '.';
  }
};

/// The process's hooks, oldest first.
class Hooks {
 public:
  static Hooks& instance() {
    // Never destroyed: libraries may log until the process ends.
    static auto* const kHooks = new Hooks;
    return *kHooks;
  }

  bool add(std::string_view name, Client& client) {
    const std::lock_guard lock(mutex_);
    if (find(name, client) != hooks_.end()) return false;
    hooks_.push_back({std::string(name), &client});
    return true;
  }

  bool remove(std::string_view name, const Client& client) {
    // Waits for threads that are inside.
    const std::lock_guard lock(mutex_);
    const auto found = find(name, client);
    if (found == hooks_.end()) return false;
    hooks_.erase(found);
    return true;
  }

  void send(std::string_view logger, Severity severity, std::string_view text) const {
    const std::shared_lock lock(mutex_);
    for (auto hook = hooks_.begin(); hook != hooks_.end(); ++hook) {
      const auto has_sent = [&](const Hook& earlier) {
        return earlier.client == hook->client && earlier.is_above(logger);
      };
      if (!hook->is_above(logger) || std::any_of(hooks_.begin(), hook, has_sent)) continue;
      hook->client->log(severity, text);
    }
  }

 private:
  [[nodiscard]] std::vector<Hook>::const_iterator find(std::string_view name,
                                                       const Client& client) const {
    return std::find_if(hooks_.begin(), hooks_.end(), [&](const Hook& hook) {
      return hook.client == &client && hook.name == name;
    });
  }

  mutable std::shared_mutex mutex_;
  std::vector<Hook> hooks_;
};

}  // namespace

bool hook_logger(std::string_view name, Client& client) {
  return Hooks::instance().add(name, client);
}

bool unhook_logger(std::string_view name, const Client& client) {
  return Hooks::instance().remove(name, client);
}

std::uint64_t hook_echoes() { return HostEcho::count(); }

void HookSink::log(HostLevel level, std::string_view text) const {
  if (!HostEcho::is_echo(level, text)) Hooks::instance().send(name_, severity_of(level), text);
}

void HookSink::log(Severity severity, std::string_view text) const {
  if (HostEcho::is_echo(host_level_of(static_cast<int>(severity)), text)) return;
  Hooks::instance().send(name_, severity, text);
}

}  // namespace metlog
