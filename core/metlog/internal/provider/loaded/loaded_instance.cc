#include "metlog/internal/provider/loaded/loaded_instance.h"

#include "absl/strings/str_cat.h"
#include "metlog/internal/config/json_writer.h"

namespace metlog {

absl::StatusOr<std::shared_ptr<const LoadedInstance>> LoadedInstance::create(
    std::shared_ptr<const SharedObject> object, const ValueMap& parameters) {
  const std::string json = to_json(parameters);
  std::string reason = "gives no reason";
  const metlog_answer answer = answer_into(reason);
  void* instance = nullptr;
  const int result = guarded(reason, [&] {
    return object->provider().create(&g_plugin_host, c_text(json), &instance, &answer);
  });
  if (result != METLOG_PLUGIN_OK) {
    return absl::InvalidArgumentError(
        absl::StrCat(object->name(), " refuses its parameters: ", reason));
  }
  return std::shared_ptr<const LoadedInstance>(new LoadedInstance(std::move(object), instance));
}

LoadedInstance::~LoadedInstance() {
  if (provider().destroy == nullptr) return;
  std::string nobody_asks;
  guarded(nobody_asks, [&] {
    provider().destroy(instance_);
    return METLOG_PLUGIN_OK;
  });
}

}  // namespace metlog
