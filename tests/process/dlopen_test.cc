// Call sites of libraries that are loaded and unloaded.

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "metlog/internal/site/site_registry.h"
#include "metlog/metlog.h"
#include "senders/sender/capture_sender.h"
#include "tests/senders/temp_dir.h"

namespace metlog {
namespace {

bool is_in_memory(const char* path) {
  void* const handle = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
  if (handle != nullptr) dlclose(handle);
  return handle != nullptr;
}

/// A loaded module; unloaded by the destructor.
class Module {
 public:
  explicit Module(const char* path, const char* function = "log_from_module")
      : handle_(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ != nullptr) symbol_ = dlsym(handle_, function);
  }
  ~Module() {
    if (handle_ != nullptr) dlclose(handle_);
  }
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  [[nodiscard]] bool is_loaded() const { return symbol_ != nullptr; }
  [[nodiscard]] const void* address() const { return symbol_; }
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

TEST_F(Dlopen, DecodesWhatIsInTheRingWhenAnotherLibraryIsAtTheSameAddress) {
  std::vector<std::string> expected;
  int same_address = 0;
  for (int i = 0; i < 40; i += 2) {
    const void* first = nullptr;
    {
      const Module one(METLOG_MODULE_ONE);
      ASSERT_TRUE(one.is_loaded()) << dlerror();
      first = one.address();
      one.log(client_, i);
    }
    const Module two(METLOG_MODULE_TWO);
    ASSERT_TRUE(two.is_loaded()) << dlerror();
    same_address += static_cast<int>(two.address() == first);
    two.log(client_, i + 1);
    expected.push_back("one says " + std::to_string(i));
    expected.push_back("two says " + std::to_string(i + 1));
  }
  EXPECT_GT(same_address, 0) << "the loader has put no second library where the first one was";
  EXPECT_EQ(texts(), expected);
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

TEST_F(Dlopen, ALibraryWithCallsIsUnloadedForGood) {
  for (const char* const function : {"log_from_module", "log_everything"}) {
    {
      const Module module(METLOG_MODULE_OF_ALL_KINDS, function);
      ASSERT_TRUE(module.is_loaded()) << dlerror();
      for (int i = 0; i < 50; ++i) module.log(client_, i);
      EXPECT_TRUE(is_in_memory(METLOG_MODULE_OF_ALL_KINDS));
    }
    EXPECT_FALSE(is_in_memory(METLOG_MODULE_OF_ALL_KINDS)) << function;
  }
  const std::vector<std::string> found = texts();
  EXPECT_GT(found.size(), 200U);
  EXPECT_NE(std::find(found.begin(), found.end(), "template text"), found.end());
}

TEST_F(Dlopen, AChangedLibraryRunsItsNewCode) {
  const TempDir directory;
  const std::string path = directory.file("plugin.so");
  for (const char* const version : {METLOG_MODULE_ONE, METLOG_MODULE_TWO}) {
    std::filesystem::remove(path);
    std::filesystem::copy_file(version, path);
    const Module module(path.c_str());
    ASSERT_TRUE(module.is_loaded()) << dlerror();
    module.log(client_, 7);
  }
  EXPECT_EQ(texts(), (std::vector<std::string>{"one says 7", "two says 7"}));
}

TEST_F(Dlopen, LoadingALibraryAgainTakesNoNewIds) {
  { const Module first(METLOG_MODULE_ONE); }
  const std::uint32_t known = SiteRegistry::instance().count();
  for (int i = 0; i < 20; ++i) {
    const Module again(METLOG_MODULE_ONE);
    ASSERT_TRUE(again.is_loaded()) << dlerror();
    again.log(client_, i);
  }
  EXPECT_EQ(SiteRegistry::instance().count(), known);
  EXPECT_EQ(texts().size(), 20U);
}

}  // namespace
}  // namespace metlog
