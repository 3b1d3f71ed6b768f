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
#include "metlog/plugin.h"

namespace metlog {

/// What becomes of a name that is taken already: `override` of the reference.
struct Override {
  bool replaces = false;
  std::string name = {};  // the method's, where it is not to be its own
  bool has_name = false;  // "" is a name like any other
};

/// What a configuration's `override` says: absent, null, false and 0 forbid, true and other whole
/// numbers replace, a text replaces and is the name. kInvalidArgument for anything else.
absl::StatusOr<Override> read_override(const Value* value);

/// The methods that were added to a client, by name. Any thread.
class MethodTable {
 public:
  using Entry = std::shared_ptr<const Method>;
  /// `is_reserved` says which names are the client's own.
  explicit MethodTable(bool (*is_reserved)(std::string_view name)) : is_reserved_(is_reserved) {}

  struct NewMethod {
    Plugin plugin;
    Override how = {};
  };
  /// What an addition did, to undo it.
  struct Change {
    std::string name;
    Entry before;  // null: there was none
    Entry after;
  };
  /// Adds all of them, in order, or none. kAlreadyExists: `The name [X] is already in use`;
  /// kInvalidArgument for one without a callable.
  absl::StatusOr<std::vector<Change>> add(const std::vector<NewMethod>& methods);
  /// Puts back what stood there, but for names that others have changed since.
  void undo(const std::vector<Change>& changes);

  /// Null when no such method was added.
  [[nodiscard]] Entry find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  using Map = std::map<std::string, Entry, std::less<>>;

  bool (*const is_reserved_)(std::string_view name);
  mutable std::mutex mutex_;
  Map methods_;
};

}  // namespace metlog
