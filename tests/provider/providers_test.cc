#include "metlog/providers.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace metlog {
namespace {

std::string error_of(const absl::Status& status) { return std::string(status.message()); }

PluginProvider named(const std::string& name) {
  return [name](const ValueMap&) -> absl::StatusOr<Plugin> {
    return Plugin{name, [](Client&, const Arguments&) { return absl::StatusOr<Value>(Value()); }};
  };
}

TEST(Providers, TakeDotsAndColonsForTheSame) {
  ASSERT_TRUE(providers().plugins.add("acme.audit:provider", named("audit")).ok());
  EXPECT_EQ(make_plugin("acme.audit.provider", {})->name, "audit");
  EXPECT_EQ(make_plugin("acme:audit:provider", {})->name, "audit");
  EXPECT_EQ(plan_sender("metlog.senders:StdOutSender", {})->connect().value()->url(), "stdout:");
  EXPECT_TRUE(providers().plugins.remove("acme.audit.provider"));
  EXPECT_FALSE(make_plugin("acme.audit.provider", {}).ok());
}

TEST(Providers, KeepTheFirstOfAName) {
  ASSERT_TRUE(providers().plugins.add("acme.twice", named("first")).ok());
  const absl::Status again = providers().plugins.add("acme:twice", named("second"));
  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(error_of(again), "there is a plugin provider of the name 'acme:twice' already");
  EXPECT_EQ(make_plugin("acme.twice", {})->name, "first");
}

TEST(Providers, SayWhatMayHaveBeenMeant) {
  EXPECT_EQ(error_of(plan_sender("metlog.senders.StdOutsender2", {}).status()),
            "unknown sender class 'metlog.senders.StdOutsender2'; did you mean "
            "'metlog.senders.StdOutSender' or 'metlog.senders.StdoutSender' or "
            "'metlog.senders.StreamSender'?");
  const std::string module = error_of(plan_sender("my.own.UdpSender", {}).status());
  EXPECT_NE(module.find("'metlog.senders.UdpSender'"), std::string::npos) << module;
  const std::string none = error_of(plan_sender("", {}).status());
  EXPECT_NE(none.find("; known are metlog.senders.DebugCaptureSender, "), std::string::npos);
}

TEST(Providers, MayThrow) {
  const PluginProvider bad = [](const ValueMap&) -> absl::StatusOr<Plugin> {
    throw std::runtime_error("no licence");
  };
  ASSERT_TRUE(providers().plugins.add("acme.bad", bad).ok());
  EXPECT_EQ(error_of(make_plugin("acme.bad", {}).status()), "acme.bad: threw 'no licence'");
  const PluginProvider worse = [](const ValueMap&) -> absl::StatusOr<Plugin> { throw 1; };
  ASSERT_TRUE(providers().plugins.add("acme.worse", worse).ok());
  EXPECT_EQ(error_of(make_plugin("acme.worse", {}).status()),
            "acme.worse: threw something that is not a std::exception");
}

}  // namespace
}  // namespace metlog
