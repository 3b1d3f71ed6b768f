#include "metlog/internal/site/site_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const RegisteredSite* site_with_text(std::string_view text) {
  const SiteRegistry& registry = SiteRegistry::instance();
  for (std::uint32_t id = kFirstSiteId; id < kFirstSiteId + registry.count(); ++id) {
    if (registry.find(id)->text == text) return registry.find(id);
  }
  return nullptr;
}

std::uint32_t sites_with_text(std::string_view text) {
  const SiteRegistry& registry = SiteRegistry::instance();
  std::uint32_t count = 0;
  for (std::uint32_t id = kFirstSiteId; id < kFirstSiteId + registry.count(); ++id) {
    if (registry.find(id)->text == text) ++count;
  }
  return count;
}

// Never called: they are registered anyway.
[[maybe_unused]] void in_a_function(Client& log) {
  METLOG_WARN(log, "site: function {}", 1, kv("key", 2.5));
}
template <class T>
void in_a_template(Client& log, const T& value) {
  METLOG_INFO(log, "site: template {}", value);
}
[[maybe_unused]] void instantiate(Client& log) {
  in_a_template(log, 1);
  in_a_template(log, "text");
}
inline void in_an_inline_function(Client& log) { METLOG_INCR(log, "site: inline"); }
[[maybe_unused]] const auto kInALambda = [](Client& log) { METLOG_TIMER(log, "site: lambda"); };
[[maybe_unused]] const auto kInAGenericLambda = [](Client& log, auto value) {
  METLOG_EVENT(log, "site: generic", payload(value));
};
[[maybe_unused]] void instantiate_generic(Client& log) {
  kInAGenericLambda(log, 1);
  kInAGenericLambda(log, 2.5);
}

// Or the tenth client of a process, and all after it, would have slower timers.
TEST(SiteRegistry, GivesTheNumberOfAForgottenClientToAnother) {
  const auto nothing = [](const RegisteredSite&) { return false; };
  for (std::uint32_t slot = 0; slot < 2 * gate::kNumbers; ++slot) {
    EXPECT_NE(SiteRegistry::instance().set_switches(slot, nothing), gate::kSomeNames) << slot;
    SiteRegistry::instance().drop_switches(slot);
  }
}

TEST(SiteRegistry, KnowsSitesThatWereNeverCalled) {
  const RegisteredSite* const site = site_with_text("site: function {}");
  ASSERT_NE(site, nullptr);
  EXPECT_EQ(site->kind, SiteKind::kLog);
  EXPECT_EQ(site->severity, Severity::kWarning);
  EXPECT_THAT(site->file, testing::EndsWith("site_registry_test.cc"));
  EXPECT_THAT(site->function, HasSubstr("in_a_function"));
  EXPECT_GT(site->line, 30U);
  ASSERT_EQ(site->args.size(), 2U);
  EXPECT_EQ(site->args[0].role, ArgRole::kText);
  EXPECT_EQ(site->args[0].type, "i");
  EXPECT_EQ(site->args[1].role, ArgRole::kField);
  EXPECT_EQ(site->args[1].type, "d");
  EXPECT_EQ(site->args[1].key_bytes, 3);
  EXPECT_EQ(site->fixed_bytes, 4U + 3U + 8U);
}

TEST(SiteRegistry, KnowsEveryInstantiationByItself) {
  EXPECT_EQ(sites_with_text("site: template {}"), 2U);
  EXPECT_EQ(sites_with_text("site: generic"), 2U);
  EXPECT_EQ(sites_with_text("site: inline"), 1U);
  EXPECT_EQ(sites_with_text("site: lambda"), 1U);
}

TEST(SiteRegistry, GivesIdsWithoutAGap) {
  const SiteRegistry& registry = SiteRegistry::instance();
  for (std::uint32_t id = kFirstSiteId; id < kFirstSiteId + registry.count(); ++id) {
    ASSERT_NE(registry.find(id), nullptr);
    ASSERT_EQ(registry.find(id)->id, id);
  }
  EXPECT_EQ(registry.find(kFirstSiteId - 1), nullptr);
  EXPECT_EQ(registry.find(kFirstSiteId + registry.count()), nullptr);
  EXPECT_EQ(registry.find(0), nullptr);
  EXPECT_EQ(registry.find(UINT32_MAX), nullptr);
}

// Without the engine's own visitor, which a TestEngine has only with a session.
TEST(SiteRegistry, ShowsAVisitorWhatIsThereAndWhatComes) {
  std::vector<std::string> seen;
  SiteRegistry::instance().set_visitor(
      [&](const RegisteredSite& site) { seen.push_back(site.text); });
  EXPECT_EQ(seen.size(), SiteRegistry::instance().count());
  static SiteGate gate{{0}, {0}};
  const Site site =
      describe_site({SiteKind::kEvent, Severity::kInfo, "site: later", "f", "g", 1}, nullptr, 0);
  register_site(site, gate, &g_this_library);
  EXPECT_EQ(seen.back(), "site: later");
  const std::uint32_t id = gate.id.load(Order::kRelaxed);
  EXPECT_EQ(register_site(site, gate, &g_this_library), id);
  EXPECT_EQ(gate.id.load(Order::kRelaxed), id) << "a second registration does nothing";
  EXPECT_EQ(sites_with_text("site: later"), 1U);
  SiteRegistry::instance().set_visitor({});
}

void say(Client& log, int number) { METLOG_INFO(log, "site: switched {}", number); }

TEST(SiteRegistry, SwitchesSitesOffAndOnAtRunTime) {
  const auto is_mine = [](const RegisteredSite& site) { return site.text == "site: switched {}"; };
  TestEngine test;
  say(test.log(), 1);
  EXPECT_EQ(SiteRegistry::instance().set_enabled(is_mine, false), 1U);
  say(test.client(), 2);
  METLOG_INFO(test.log(), "another");
  EXPECT_EQ(SiteRegistry::instance().set_enabled(is_mine, true), 1U);
  say(test.log(), 3);
  in_an_inline_function(test.log());
  std::vector<std::string> payloads;
  for (const std::string& message : test.settle()) payloads.push_back(payload_of(message));
  EXPECT_THAT(payloads, ElementsAre("site: switched 1", "another", "site: switched 3", "1"));
}

// Called from a static initialiser that comes before its own site's registration.
struct EarlyCalls {
  EarlyCalls() {
    METLOG_INFO(test->log(), "site: early {}", 1);
    METLOG_INCR(test->log(), "site: early");
    test->log().info("early too");
  }
  std::unique_ptr<TestEngine> test = std::make_unique<TestEngine>();
};
std::vector<std::string> early_payloads() {
  EarlyCalls early;
  std::vector<std::string> payloads;
  for (const std::string& message : early.test->settle()) payloads.push_back(payload_of(message));
  return payloads;
}
const std::vector<std::string> kEarlyPayloads = early_payloads();

TEST(SiteRegistry, TakesCallsBeforeMain) {
  EXPECT_THAT(kEarlyPayloads, ElementsAre("site: early 1", "1", "early too"));
  EXPECT_EQ(sites_with_text("site: early {}"), 1U);
}

}  // namespace
}  // namespace metlog
