#include "metlog/internal/provider/loaded/loaded_provider.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/config/json_reader.h"
#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/provider/loaded/plugin_host.h"

namespace metlog {
namespace {

using Instance = std::shared_ptr<const LoadedInstance>;

absl::StatusOr<Instance> make_instance(std::string_view name, std::uint32_t kind,
                                       const ValueMap& parameters) {
  auto object = SharedObject::open(name, kind);
  if (!object.ok()) return object.status();
  return LoadedInstance::create(*std::move(object), parameters);
}

absl::StatusOr<Value> call(const LoadedInstance& instance, Client& client,
                           const Arguments& arguments) {
  const std::string json = to_json(ValueMap{
      {"positional", arguments.positional},
      {"named", arguments.named},
  });
  std::string text;
  const metlog_answer answer = answer_into(text);
  const int result = guarded(text, [&] {
    return instance.provider().call(instance.get(), reinterpret_cast<metlog_client*>(&client),
                                    c_text(json), &answer);
  });
  if (result != METLOG_PLUGIN_OK)
    return absl::UnknownError(absl::StrCat(instance.name(), ": ", text));
  if (text.empty()) return Value();
  absl::StatusOr<Value> value = parse_json(text, instance.name());
  if (value.ok()) return value;
  return absl::InternalError(
      absl::StrCat("an answer that is not JSON; ", value.status().message()));
}

/// Passes messages one by one to a sender in a shared object.
class LoadedSender final : public Sender {
 public:
  explicit LoadedSender(Instance instance) : instance_(std::move(instance)) {}

  SendResult send(Batch& batch) override {
    std::string ignored_error;
    for (; !batch.is_done(); ignored_error.clear()) {
      const int result = guarded(ignored_error, [&] {
        return instance_->provider().send(instance_->get(), c_text(batch.message(0)));
      });
      if (result == METLOG_PLUGIN_BUSY) return SendResult::kBusy;
      if (result == METLOG_PLUGIN_OK) {
        batch.take_messages(1);
      } else {
        batch.lose_message(LossReason::kRefused);
      }
    }
    return SendResult::kSent;
  }
  bool flush(std::chrono::nanoseconds limit) override {
    const auto flush = instance_->provider().flush;
    std::string ignored_error;
    return flush == nullptr || guarded(ignored_error, [&] {
                                 return flush(instance_->get(), limit.count());
                               }) == METLOG_PLUGIN_OK;
  }
  [[nodiscard]] std::string_view url() const override { return instance_->name(); }

 private:
  const Instance instance_;
};

}  // namespace

absl::StatusOr<Plugin> load_plugin(std::string_view name, const ValueMap& parameters) {
  const absl::StatusOr<Instance> instance = make_instance(name, METLOG_PLUGIN_METHOD, parameters);
  if (!instance.ok()) return instance.status();
  std::string declared;
  std::string error;
  const int result = guarded(error, [&] {
    declared = view_of((*instance)->provider().method_name((*instance)->get()));
    return declared.empty() ? METLOG_PLUGIN_ERROR : METLOG_PLUGIN_OK;
  });
  if (result != METLOG_PLUGIN_OK) {
    return absl::FailedPreconditionError(absl::StrCat((*instance)->name(),
                                                      " declares no name for its method",
                                                      error.empty() ? "" : "; it ", error));
  }
  return Plugin{declared, [made = *instance](Client& client, const Arguments& arguments) {
                  return call(*made, client, arguments);
                }};
}

absl::StatusOr<Filter> load_filter(std::string_view name, const ValueMap& parameters) {
  const absl::StatusOr<Instance> instance = make_instance(name, METLOG_PLUGIN_FILTER, parameters);
  if (!instance.ok()) return instance.status();
  return Filter((*instance)->name(), [made = *instance](Message& message) {
    std::string error;
    const int result = guarded(error, [&] {
      PluginMessage seen(message);
      return made->provider().filter(made->get(), seen.get());
    });
    // The caller counts it, as for a C++ filter.
    if (result != METLOG_PLUGIN_OK && result != METLOG_PLUGIN_DROP) {
      throw std::runtime_error(error.empty() ? "the filter failed" : error);
    }
    return result == METLOG_PLUGIN_OK;
  });
}

absl::StatusOr<Formatter> load_formatter(std::string_view name) {
  const absl::StatusOr<Instance> instance = make_instance(name, METLOG_PLUGIN_FORMATTER, {});
  if (!instance.ok()) return instance.status();
  return Formatter([made = *instance](const Message&, std::string_view envelope) {
    std::string text;
    const metlog_answer answer = answer_into(text);
    const int result = guarded(
        text, [&] { return made->provider().format(made->get(), c_text(envelope), &answer); });
    // The caller counts it, as for a C++ formatter.
    if (result != METLOG_PLUGIN_OK) throw std::runtime_error(text);
    return text;
  });
}

absl::StatusOr<SenderSpec> load_sender(std::string_view name, const Arguments& arguments) {
  if (!arguments.positional.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(absl::string_view(name.data(), name.size()), " takes only keywords, no args"));
  }
  auto object = SharedObject::open(name, METLOG_PLUGIN_SENDER);
  if (!object.ok()) return object.status();
  SenderSpec plan;
  plan.make = [object = *std::move(object),
               parameters = arguments.named]() -> absl::StatusOr<std::unique_ptr<Sender>> {
    absl::StatusOr<Instance> instance = LoadedInstance::create(object, parameters);
    if (!instance.ok()) return instance.status();
    return std::make_unique<LoadedSender>(*std::move(instance));
  };
  return plan;
}

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
  std::string ignored_error;
  guarded(ignored_error, [&] {
    provider().destroy(instance_);
    return METLOG_PLUGIN_OK;
  });
}

}  // namespace metlog
