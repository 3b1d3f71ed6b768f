#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "metlog/internal/base/reentrant_mutex.h"

namespace metlog {

/// A provider's name as the table stores it: `a.b:c` and `a.b.c` are the same.
std::string dotted(std::string_view name);

/// What a table's entries are called, and how a program adds one, for messages.
struct ProviderKind {
  std::string_view name;    // "sender class", "filter provider"
  std::string_view adding;  // "register yours with ..."; empty when the caller says it
};

// Errors of a table. kNotFound, ErrorKind::kProviderNotFound, suggests names, or else says how to
// add one; kAlreadyExists.
absl::Status unknown_provider(const ProviderKind& kind, std::string_view name,
                              const std::vector<std::string>& known);
absl::Status taken_provider(const ProviderKind& kind, std::string_view name);

/// Providers of one kind by their dotted names. Any thread.
template <class Provider>
class ProviderTable {
 public:
  using Entry = std::shared_ptr<const Provider>;

  explicit ProviderTable(const ProviderKind& kind) : kind_(kind) {}

  /// kAlreadyExists when the name is taken.
  absl::Status add(std::string_view name, Provider provider) {
    const std::lock_guard lock(mutex_);
    const bool is_new =
        providers_.try_emplace(dotted(name), std::make_shared<const Provider>(std::move(provider)))
            .second;
    return is_new ? absl::OkStatus() : taken_provider(kind_, name);
  }

  /// False when there was none. What the provider has made keeps working.
  bool remove(std::string_view name) {
    const std::lock_guard lock(mutex_);
    return providers_.erase(dotted(name)) != 0;
  }

  [[nodiscard]] absl::StatusOr<Entry> find(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = providers_.find(dotted(name));
    if (found != providers_.end()) return found->second;
    std::vector<std::string> known;
    for (const auto& [key, provider] : providers_) known.push_back(key);
    return unknown_provider(kind_, name, known);
  }

 private:
  const ProviderKind kind_;
  mutable ReentrantMutex mutex_;
  std::map<std::string, Entry, std::less<>> providers_;
};

}  // namespace metlog
