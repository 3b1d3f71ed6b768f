// Statements 184-188, and what of tests/golden/holder_and_reconfigure.json needs no configuration.

#include "metlog/holder.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "metlog/client_config.h"
#include "metlog/internal/engine/client_state.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using Names = std::vector<std::string>;

class HolderTest : public testing::Test {
 protected:
  TestEngine engine_;  // whose own client stays out of this
  Holder holder_{engine_.engine()};
};

TEST_F(HolderTest, GivesTheSameClientForAName) {
  Client& client = holder_.get_client("a");
  EXPECT_EQ(&holder_.get_client("a"), &client);
  EXPECT_NE(&holder_.get_client("b"), &client);
  EXPECT_FALSE(client.is_active());
  EXPECT_TRUE(engine_.client().is_active());
}

TEST_F(HolderTest, RefusesTheMessagesOfAClientWithoutDestination) {
  Client& client = holder_.get_client("fresh");
  testing::internal::CaptureStderr();
  client.incr("n");
  step_until_quiet(engine_.engine());
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(said.find("Error sending message (NotImplementedError()): [{"), 0U) << said;
  EXPECT_NE(said.find(R"("logger":"fresh","severity":6)"), std::string::npos) << said;
  EXPECT_EQ(said.find("metlog.loss"), std::string::npos) << said;
  EXPECT_NE(said.find("]\nmetlog: this client has no destination yet"), std::string::npos) << said;
  EXPECT_NE(said.find("metlog::get_client(name, config)"), std::string::npos) << said;
  testing::internal::CaptureStderr();
  client.incr("n");
  step_until_quiet(engine_.engine());
  EXPECT_EQ(testing::internal::GetCapturedStderr().find("metlog: "), std::string::npos)
      << "what to do is said once";
  const Ledger ledger = client.stats();
  EXPECT_EQ(ledger.emitted, 2U);
  EXPECT_EQ(ledger.lost[LossReason::kRefused], 2U);
  EXPECT_EQ(ledger.unexplained(), 0);
}

TEST_F(HolderTest, LetsAClientBecomeActive) {
  Client& client = holder_.get_client("late");
  ASSERT_TRUE(reconfigure(client, "null:", {.logger = "late"}).ok());
  EXPECT_TRUE(client.is_active());
}

TEST_F(HolderTest, MakesTheFirstClientTheDefault) {
  EXPECT_EQ(holder_.default_client(), nullptr);
  Client& a = holder_.get_client("a");
  holder_.get_client("b");
  EXPECT_EQ(holder_.default_client_name(), "a");
  EXPECT_EQ(holder_.default_client(), &a);
}

TEST_F(HolderTest, KeepsADefaultThatWasSetBefore) {
  holder_.set_default_client_name("zzz");
  holder_.get_client("a");
  EXPECT_EQ(holder_.default_client_name(), "zzz");
  EXPECT_EQ(holder_.default_client(), nullptr);
}

TEST_F(HolderTest, MakesTheOnlyClientThatIsSetTheDefault) {
  Client& q = holder_.get_client("q");
  holder_.set_default_client_name("x");
  holder_.set_client("q", q);
  EXPECT_EQ(holder_.default_client_name(), "q");
  Client& other = holder_.set_client("q", engine_.engine().open("null:").value());
  EXPECT_EQ(holder_.default_client(), &other);
  holder_.set_client("r", q);
  EXPECT_EQ(holder_.default_client_name(), "q");
}

TEST_F(HolderTest, ChoosesNoSuccessorForADeletedDefault) {
  holder_.get_client("q");
  holder_.get_client("r");
  holder_.delete_client("q");
  EXPECT_EQ(holder_.default_client(), nullptr);
  EXPECT_EQ(holder_.default_client_name(), "");
  EXPECT_EQ(holder_.client_names(), Names{"r"});
  holder_.delete_client("r");  // no default is recorded, and that is no error
  EXPECT_EQ(holder_.client_names(), Names{});
  holder_.delete_client("r");
  Client& c = holder_.get_client("c");
  EXPECT_EQ(holder_.default_client(), &c);
}

TEST_F(HolderTest, KeepsTheDefaultWhenAnotherIsDeleted) {
  holder_.get_client("a");
  holder_.get_client("b");
  holder_.delete_client("b");
  EXPECT_EQ(holder_.default_client_name(), "a");
}

TEST_F(HolderTest, LetsADeletedClientGoOn) {
  Client& client = holder_.set_client("a", engine_.engine().open("null:").value());
  holder_.delete_client("a");
  client.incr("n");
  step_until_quiet(engine_.engine());
  EXPECT_EQ(client.stats().sent, 1U);
  EXPECT_NE(&holder_.get_client("a"), &client);
}

TEST_F(HolderTest, MergesGlobalConfigurations) {
  holder_.merge_global_config({{"a", 1}});
  holder_.merge_global_config({{"b", 2}});
  EXPECT_EQ(Value(holder_.global_config()), Value(ValueMap{{"a", 1}, {"b", 2}}));
  holder_.merge_global_config({{"a", 9}});
  EXPECT_EQ(Value(holder_.global_config()), Value(ValueMap{{"a", 9}, {"b", 2}}));
}

TEST_F(HolderTest, ForgetsTheDefaultWithTheGlobalConfiguration) {
  holder_.get_client("a");
  holder_.clear_global_config();
  EXPECT_EQ(holder_.default_client(), nullptr);
  EXPECT_TRUE(holder_.global_config().empty());
}

TEST_F(HolderTest, KnowsDisabledDecoratorsByTheirWholeName) {
  EXPECT_FALSE(holder_.is_decorator_disabled("timeit"));
  holder_.merge_global_config({{"disabled_decorators", "xtimeitx"}});
  EXPECT_FALSE(holder_.is_decorator_disabled("timeit"));
  holder_.merge_global_config({{"disabled_decorators", "timeit"}});
  EXPECT_TRUE(holder_.is_decorator_disabled("timeit"));
  holder_.merge_global_config({{"disabled_decorators", ValueList{"x", "timeit"}}});
  EXPECT_TRUE(holder_.is_decorator_disabled("timeit"));
  EXPECT_FALSE(holder_.is_decorator_disabled("incr_count"));
}

TEST_F(HolderTest, SaysWhyThereIsNoFurtherClient) {
  std::vector<Client> others;
  for (absl::StatusOr<Client> one = engine_.engine().open("null:"); one.ok();
       one = engine_.engine().open("null:")) {
    others.push_back(*std::move(one));
  }
  testing::internal::CaptureStderr();
  Client& nobody = holder_.get_client("late");
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "metlog: no client 'late': the clients of a process have at most 256 destinations "
            "together; close one first\n");
  nobody.incr("n");
  nobody.warn("of no consequence");
  EXPECT_EQ(nobody.stats().emitted, 0U);
  EXPECT_EQ(holder_.client_names(), Names{});
  others.clear();
  EXPECT_NE(&holder_.get_client("late"), &nobody);
}

TEST_F(HolderTest, HasRoomForAnyNumberOfNamesOneAfterTheOther) {
  Client& first = holder_.get_client("first");
  holder_.delete_client("first");
  Client& named = holder_.get_client("named");
  testing::internal::CaptureStderr();
  for (int i = 0; i < 600; ++i) {
    const std::string name = std::to_string(i);
    Client& client = holder_.get_client(name);
    client.incr("n");
    holder_.delete_client(name);
  }
  step_until_quiet(engine_.engine());
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(said.find("no client"), std::string::npos);
  EXPECT_NE(said.find(R"("logger":"599")"), std::string::npos);
  const std::uint64_t emitted = first.stats().emitted;
  first.incr("n");  // inert by now
  EXPECT_EQ(first.stats().emitted, emitted);
  EXPECT_FALSE(named.gate().is_closed()) << "it has a name";
  EXPECT_TRUE(engine_.engine().open("null:").ok()) << "others find room, too";
}

TEST_F(HolderTest, LetsGoOfWhatIsTheUsersWhenItClosesAClient) {
  ClientOptions options;
  options.format = [](const Message&, std::string_view) { return std::string(); };
  options.filters = {Filter("mine", [](Message&) { return true; })};
  Client& first = holder_.set_client("a", engine_.engine().open("null:", options).value());
  const ClientOptions& held = state_of(first)->options;
  for (std::size_t i = 0; i < Holder::kMaxAnonymous; ++i) {
    holder_.delete_client("a");
    holder_.get_client("a");
  }
  EXPECT_EQ(held.filters.size(), 1U);
  holder_.delete_client("a");
  EXPECT_TRUE(first.gate().is_closed());
  EXPECT_EQ(held.filters.size(), 0U);
  EXPECT_EQ(held.format.function(), nullptr);
}

TEST_F(HolderTest, MakesRoomByClosingThoseWithoutAName) {
  for (std::size_t i = 0; i < Holder::kMaxAnonymous; ++i) {
    const std::string name = "anonymous " + std::to_string(i);
    EXPECT_FALSE(holder_.get_client(name).gate().is_closed());
    holder_.delete_client(name);
  }
  std::vector<Client> others;
  for (absl::StatusOr<Client> one = engine_.engine().open("null:"); one.ok();
       one = engine_.engine().open("null:")) {
    others.push_back(*std::move(one));
  }
  testing::internal::CaptureStderr();
  Client& late = holder_.get_client("late");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_FALSE(late.gate().is_closed());
}

TEST_F(HolderTest, ClosesClientsThatOthersConfigureMeanwhile) {
  Client& client = holder_.get_client("a");
  std::thread configuring([&] {
    for (int i = 0; i < 50; ++i) {
      if (!reconfigure(client, "null:", {.close_limit = std::chrono::milliseconds(i)}).ok()) break;
    }
  });
  std::thread asking([&] {
    while (!client.gate().is_closed()) EXPECT_EQ(client.stats().emitted, 0U);
    EXPECT_EQ(client.stats().emitted, 0U);
  });
  {
    Holder another(engine_.engine());
    another.set_client("a", std::move(*engine_.engine().open("null:")));
  }
  holder_.delete_client("a");
  for (std::size_t i = 0; i <= Holder::kMaxAnonymous; ++i) {
    holder_.get_client("b");
    holder_.delete_client("b");
  }
  configuring.join();
  asking.join();
  EXPECT_TRUE(client.gate().is_closed());
  EXPECT_TRUE(client.flush(std::chrono::seconds(1)));
}

TEST_F(HolderTest, GivesAllThreadsTheSameClients) {
  std::vector<Client*> found(4);
  std::vector<std::thread> threads;
  for (Client*& mine : found) {
    threads.emplace_back([&] {
      mine = &holder_.get_client("shared");
      for (int i = 0; i < 50; ++i) {
        holder_.set_client("other", *mine);
        holder_.delete_client("other");
        EXPECT_NE(holder_.default_client(), nullptr);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(found, std::vector<Client*>(4, found.front()));
}

TEST(Holder, OfTheProcessClosesItsClientsAtExit) {
  const auto run = [] {
    const ValueMap config = {{"sender", ValueMap{{"class", "metlog.senders.StdOutSender"}}}};
    Client& client = **get_client("out", config);
    METLOG_INFO(client, "the last words");
    std::exit(get_client("out").is_active() && default_client() == &client ? 0 : 1);
  };
  testing::internal::CaptureStdout();
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
  const std::string said = testing::internal::GetCapturedStdout();
  EXPECT_NE(said.find("the last words"), std::string::npos);
}

}  // namespace
}  // namespace metlog
