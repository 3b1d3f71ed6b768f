// A custom method and filter, under the names that the configuration uses.

#include <metlog/client_config.h>
#include <metlog/methods.h>
#include <metlog/metlog.h>
#include <metlog/providers.h>

#include <cstdio>
#include <string>

namespace {

constexpr const char* kConfiguration = R"(
    [shop]
    logger = shop
    sender_url = stdout:
    [shop_plugin_audit]
    provider = shop.audit
    office = Ulm
    [shop_filter_secrets]
    provider = shop.no_secrets
)";

/// The method `audit`: sends what it is called with, and where.
absl::StatusOr<metlog::Plugin> make_audit(const metlog::ValueMap& parameters) {
  const metlog::Value* const office = parameters.find("office");
  if (office == nullptr || office->as_text() == nullptr) {
    return absl::InvalidArgumentError("lacks the office, a string");
  }
  return metlog::Plugin{"audit",
                        [office = *office->as_text()](
                            metlog::Client& client,
                            const metlog::Arguments& arguments) -> absl::StatusOr<metlog::Value> {
                          metlog::ValueMap fields = arguments.named;
                          fields.set("office", office);
                          return client.call("metlog", {{"audit"}, {{"fields", fields}}});
                        }};
}

void add_providers() {
  metlog::providers()
      .plugins
      .add("shop.audit", [](const metlog::ValueMap& parameters) { return make_audit(parameters); })
      .IgnoreError();  // the name is ours
  metlog::providers()
      .filters
      .add("shop.no_secrets",
           [](const metlog::ValueMap&) -> absl::StatusOr<metlog::Filter> {
             return metlog::Filter("no_secrets", [](metlog::Message& message) {
               message.change_fields().erase("password");
               return true;
             });
           })
      .IgnoreError();
}

}  // namespace

int main() {
  add_providers();
  absl::StatusOr<metlog::Client> client = metlog::client_from_text_config(kConfiguration, "shop");
  if (!client.ok()) {
    std::fprintf(stderr, "%s\n", client.status().ToString().c_str());
    return 2;
  }
  const auto answer = client->call("audit", {{}, {{"user", "anna"}, {"password", "12345"}}});
  return answer.ok() ? 0 : 1;
}
