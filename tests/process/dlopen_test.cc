// Call sites of libraries that are loaded and unloaded.

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "metlog/internal/site/site_registry.h"
#include "metlog/metlog.h"
#include "senders/sender/capture_sender.h"

namespace metlog {
namespace {

/// A loaded module; unloaded by the destructor.
class Module {
 public:
  explicit Module(const char* path) : handle_(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ != nullptr) symbol_ = dlsym(handle_, "log_from_module");
  }
  ~Module() {
    if (handle_ != nullptr) dlclose(handle_);
  }
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  [[nodiscard]] bool is_loaded() const { return symbol_ != nullptr; }
  void log(Client& client, int number) const {
    reinterpret_cast<void (*)(Client&, int)>(symbol_)(client, number);
  }

 private:
  void* handle_;
  void* symbol_ = nullptr;
};

class Dlopen : public testing::Test {
 protected:
  Dlopen()
      : engine_({.options = {.session_directory = "none"},
                 .threads = Engine::Threads::kNone,
                 .clock = nullptr,
                 .idle = nullptr,
                 .pid = 0,
                 .hostname = ""}),
        client_(engine_.open(std::make_unique<CaptureSender>(capture_)).value()) {}

  /// The texts that arrived, in order; closes the client.
  std::vector<std::string> texts() {
    client_.close(std::chrono::seconds(10));
    const Ledger ledger = client_.stats();
    EXPECT_EQ(ledger.emitted, ledger.sent);
    EXPECT_EQ(ledger.unexplained(), 0);
    std::vector<std::string> found;
    for (const std::string& message : capture_->messages()) {
      const std::size_t begin = message.find("\"payload\":\"") + 11;
      found.push_back(message.substr(begin, message.find('"', begin) - begin));
    }
    return found;
  }

  std::shared_ptr<Capture> capture_ = std::make_shared<Capture>();
  Engine engine_;
  Client client_;
};

TEST_F(Dlopen, RegistersTheSitesOfALibraryWhenItIsLoaded) {
  const std::uint32_t before = SiteRegistry::instance().count();
  const Module module(METLOG_MODULE_ONE);
  ASSERT_TRUE(module.is_loaded()) << dlerror();
  EXPECT_EQ(SiteRegistry::instance().count(), before + 1);
  module.log(client_, 1);
  EXPECT_EQ(texts(), std::vector<std::string>{"one says 1"});
}

TEST_F(Dlopen, DecodesTheRecordsOfALibraryThatIsGone) {
  {
    const Module one(METLOG_MODULE_ONE);
    ASSERT_TRUE(one.is_loaded()) << dlerror();
    one.log(client_, 1);
  }
  {
    // May well be mapped where the first one was.
    const Module two(METLOG_MODULE_TWO);
    ASSERT_TRUE(two.is_loaded()) << dlerror();
    two.log(client_, 2);
  }
  const Module again(METLOG_MODULE_ONE);
  ASSERT_TRUE(again.is_loaded()) << dlerror();
  again.log(client_, 3);
  EXPECT_EQ(texts(), (std::vector<std::string>{"one says 1", "two says 2", "one says 3"}));
}

TEST_F(Dlopen, SwitchesNoSiteThatIsUnloaded) {
  { const Module one(METLOG_MODULE_ONE); }
  SiteRegistry::instance().set_enabled(
      [](const RegisteredSite& site) { return site.text.find(" says {}") != std::string::npos; },
      false);
  const Module again(METLOG_MODULE_ONE);
  ASSERT_TRUE(again.is_loaded()) << dlerror();
  SiteRegistry::instance().set_enabled([](const RegisteredSite&) { return true; }, true);
  again.log(client_, 1);
  EXPECT_EQ(texts(), std::vector<std::string>{"one says 1"});
}

}  // namespace
}  // namespace metlog
