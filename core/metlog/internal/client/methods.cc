#include "metlog/methods.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "metlog/error_kind.h"
#include "metlog/internal/engine/client_state.h"
#include "metlog/internal/provider/provider_table.h"
#include "metlog/internal/python/builtin_methods.h"
#include "metlog/internal/text/nearest_name.h"

namespace metlog {
namespace {

absl::Status ended() {
  return absl::FailedPreconditionError("the client was moved from; call the one it became");
}

std::vector<std::string> names_of_methods(const MethodTable& methods) {
  std::vector<std::string> names = methods.names();
  for (const std::string_view name : builtin_names()) names.emplace_back(name);
  // An override has the name of the method that it replaces.
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

absl::Status add_method_to(Client& client, const Plugin& plugin, const Value& override_with) {
  ClientState* const state = state_of(client);
  if (state == nullptr) return ended();
  absl::StatusOr<Override> how = read_override(&override_with);
  if (!how.ok()) return how.status();
  return state->extras.methods.add({{plugin, *std::move(how)}}).status();
}

absl::StatusOr<Value> call_method(Client& client, std::string_view name,
                                  const Arguments& arguments) {
  ClientState* const state = state_of(client);
  if (state == nullptr) return ended();
  // Kept alive until it returns: it may be overridden meanwhile, or override itself.
  if (const MethodTable::Entry added = state->extras.methods.find(name); added != nullptr) {
    return (*added)(client, arguments);
  }
  if (const Method* const own = find_builtin(name); own != nullptr)
    return (*own)(client, arguments);
  return with_detail(absl::NotFoundError(absl::StrCat(
                         "the client has no method '", absl::string_view(name.data(), name.size()),
                         "'", hint_at(name, names_of_methods(state->extras.methods)))),
                     ErrorKind::kMethodNotFound, name);
}

}  // namespace metlog
