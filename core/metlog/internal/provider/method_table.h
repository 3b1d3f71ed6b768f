#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/internal/base/reentrant_mutex.h"
#include "metlog/plugin.h"

namespace metlog {

/// How to treat a name that is already in use: `override` of the reference.
struct Override {
  bool replaces = false;
  std::string name = {};  // instead of the one that the method declares, if has_name
  bool has_name = false;  // "" is a name like any other
};

/// Reads a configuration's `override`: absent, null, false and 0 forbid, true and other whole
/// numbers replace, a string replaces and is the name. kInvalidArgument for anything else.
absl::StatusOr<Override> read_override(const Value* value);

/// The methods that were added to a client, by name. Any thread.
class MethodTable {
 public:
  using Entry = std::shared_ptr<const Method>;
  /// `is_reserved` returns true for names of built-in methods.
  explicit MethodTable(bool (*is_reserved)(std::string_view name)) : is_reserved_(is_reserved) {}

  struct NewMethod {
    Plugin plugin;
    Override how = {};
  };
  /// The effect of an addition, to undo it.
  struct Change {
    std::string name;
    Entry before;  // null: none
    Entry after;
  };
  /// Adds all methods, in order, or none. kAlreadyExists: `The name [X] is already in use`;
  /// kInvalidArgument for one without a callable.
  absl::StatusOr<std::vector<Change>> add(const std::vector<NewMethod>& methods);
  /// Restores the previous entries, except names that were changed again since.
  void undo(const std::vector<Change>& changes);

  /// Null when there is no such added method.
  [[nodiscard]] Entry find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  using Map = std::map<std::string, Entry, std::less<>>;

  bool (*const is_reserved_)(std::string_view name);
  mutable ReentrantMutex mutex_;
  Map methods_;
};

}  // namespace metlog
