#include "metlog/internal/provider/method_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/error_kind.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/config/text.h"

namespace metlog {

absl::StatusOr<Override> read_override(const Value* value) {
  if (value == nullptr || value->is_null()) return Override{};
  if (const bool* const flag = value->as_bool()) return Override{*flag};
  if (const std::int64_t* const number = value->as_integer()) return Override{*number != 0};
  if (const std::string* const name = value->as_text()) return Override{true, *name, true};
  return absl::InvalidArgumentError(absl::StrCat("override is ", quote_excerpt(to_json(*value)),
                                                 "; it takes true, false, or the method's name"));
}

absl::StatusOr<std::vector<MethodTable::Change>> MethodTable::add(
    const std::vector<NewMethod>& methods) {
  const std::lock_guard lock(mutex_);
  Map changed = methods_;
  std::vector<Change> changes;
  for (const NewMethod& method : methods) {
    const std::string& name = method.how.has_name ? method.how.name : method.plugin.name;
    if (!method.plugin.method) {
      return absl::InvalidArgumentError(absl::StrCat("the method [", name, "] has no function"));
    }
    const auto present = changed.find(name);
    const bool is_taken = present != changed.end() || is_reserved_(name);
    if (is_taken && !method.how.replaces) {
      return with_detail(
          absl::AlreadyExistsError(absl::StrCat("The name [", name, "] is already in use")),
          ErrorKind::kNameInUse, name);
    }
    Entry before = present != changed.end() ? present->second : nullptr;
    Entry after = std::make_shared<const Method>(method.plugin.method);
    changed.insert_or_assign(name, after);
    changes.push_back({name, std::move(before), std::move(after)});
  }
  methods_.swap(changed);
  return changes;
}

void MethodTable::undo(const std::vector<Change>& changes) {
  const std::lock_guard lock(mutex_);
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    const auto present = methods_.find(change->name);
    if (present == methods_.end() || present->second != change->after) continue;
    if (change->before == nullptr) {
      methods_.erase(present);
    } else {
      present->second = change->before;
    }
  }
}

MethodTable::Entry MethodTable::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto present = methods_.find(name);
  return present != methods_.end() ? present->second : nullptr;
}

std::vector<std::string> MethodTable::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, method] : methods_) names.push_back(name);
  return names;
}

}  // namespace metlog
