#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "metlog/arguments.h"

namespace metlog {

class Client;

/// What a client does when it is called by a name of the user's own. Called from any thread, by
/// several at a time. What it throws reaches the caller.
using Method = std::function<absl::StatusOr<Value>(Client& client, const Arguments& arguments)>;

/// A method and the name it declares for itself.
struct Plugin {
  std::string name;
  Method method;
};

}  // namespace metlog
