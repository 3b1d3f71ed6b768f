#include "tools/router/transport/dated_files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/router/decoding.h"
#include "tests/router/envelope.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/test_batch.h"
#include "tools/router/config/router_plan.h"
#include "tools/router/config/toml_file.h"
#include "tools/router/transport/routed_file_sender.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class DatedFilesTest : public testing::Test {
 protected:
  /// Makes a file below the root that was written so many hours ago.
  void make(const std::string& path, int hours_ago = 0) const {
    const fs::path file = root_.path() / path;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "x";
    const timespec then = {std::time(nullptr) - hours_ago * 3600, 0};
    const timespec times[2] = {then, then};
    ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  }
  /// The files below the root.
  [[nodiscard]] std::set<std::string> files() const {
    std::set<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(root_.path())) {
      if (!entry.is_directory()) found.insert(fs::relative(entry.path(), root_.path()));
    }
    return found;
  }
  [[nodiscard]] std::string template_of(const std::string& below) const {
    return (root_.path() / below).string();
  }
  std::size_t remove(const std::string& below, FileRetention retention) const {
    const PathTemplate path = *PathTemplate::parse(template_of(below));
    return DatedFiles(path, *FileRoot::open(path.root(), {}), retention).remove_old();
  }

  const TempDir root_;
};

TEST_F(DatedFilesTest, LoseWhatIsTooOldByItsLastMessage) {
  make("2026-01-01.log", 50);
  make("2026-01-02.log", 47);
  make("2020-01-01.log", 1);  // a late message: the file was written
  EXPECT_EQ(remove("%Y-%m-%d.log", {.age = hours(48)}), 1U);
  EXPECT_EQ(files(), (std::set<std::string>{"2026-01-02.log", "2020-01-01.log"}));
}

TEST_F(DatedFilesTest, KeepSoManyDatesOfEachSeries) {
  for (const char* day : {"01", "02", "03", "10"}) {
    make(std::string("shop/2026-01-") + day + ".log");
    make(std::string("cart/2026-01-") + day + ".log");
  }
  make("shop/2025-12-31.log");
  make("rare/2019-01-01.log");
  EXPECT_EQ(remove("%{Logger}/%Y-%m-%d.log", {.count = 2}), 5U);
  EXPECT_THAT(files(), UnorderedElementsAre("shop/2026-01-03.log", "shop/2026-01-10.log",
                                            "cart/2026-01-03.log", "cart/2026-01-10.log",
                                            "rare/2019-01-01.log"));
}

TEST_F(DatedFilesTest, TakeTheirRotatedFilesAlong) {
  for (const char* end : {"", ".1", ".2"}) {
    make(std::string("a-2026-01-01.log") + end);
    make(std::string("a-2026-01-02.log") + end);
  }
  EXPECT_EQ(remove("a-%Y-%m-%d.log", {.count = 1}), 3U);
  EXPECT_EQ(files(), (std::set<std::string>{"a-2026-01-02.log", "a-2026-01-02.log.1",
                                            "a-2026-01-02.log.2"}));
}

TEST_F(DatedFilesTest, LieInFoldersThatHaveTheDate) {
  make("2025/12/31/all.log");
  make("2026/01/01/all.log");
  make("2026/01/02/all.log");
  EXPECT_EQ(remove("%Y/%m/%d/all.log", {.count = 1}), 2U);
  EXPECT_EQ(files(), (std::set<std::string>{"2026/01/02/all.log"}));
}

TEST_F(DatedFilesTest, LeaveAllElseWhereItIs) {
  const std::vector<std::string> others = {
      "2026-01-01.log.gz", "x2026-01-01.log",      "2026-1-1.log", "2026-01-01xlog", "notes",
      "2026-01-01.log.x",  "deeper/2026-01-01.log"};
  for (const std::string& other : others) make(other, 1000);
  fs::create_directory(root_.path() / "2026-01-02.log");
  make("target", 1000);
  fs::create_symlink(root_.path() / "target", root_.path() / "2026-01-03.log");
  const std::set<std::string> before = files();
  EXPECT_EQ(remove("%Y-%m-%d.log", {.age = hours(1), .count = 1}), 0U);
  EXPECT_EQ(files(), before);
  EXPECT_TRUE(fs::is_directory(root_.path() / "2026-01-02.log"));
}

TEST_F(DatedFilesTest, AreNotFollowedOutOfTheRoot) {
  const TempDir outside;
  std::ofstream(outside.path() / "2020-01-01.log") << "mine";
  fs::create_directories(root_.path() / "logs");
  fs::create_directory_symlink(outside.path(), root_.path() / "logs/shop");
  EXPECT_EQ(remove("logs/%{Logger}/%Y-%m-%d.log", {.age = hours(1), .count = 1}), 0U);
  EXPECT_TRUE(fs::exists(outside.path() / "2020-01-01.log"));
}

TEST_F(DatedFilesTest, AreRemovedByTheOutputThatWritesThem) {
  make("app-2020-01-01.log", 10);
  make("app-2020-01-02.log", 1000);
  RoutedFileSender::Options options{*PathTemplate::parse(template_of("%{Logger}-%Y-%m-%d.log")),
                                    {},
                                    {},
                                    TimeZone::kUtc,
                                    false,
                                    64,
                                    std::chrono::seconds(2)};
  options.retention = {.age = hours(100)};
  const std::unique_ptr<Sender> sender = *RoutedFileSender::open(options);
  const auto encoder =
      dynamic_cast<RoutesMessages&>(*sender).routed(std::make_unique<JsonLinesEncoder>());
  Decoding decoding;
  ASSERT_EQ(decoding.outcome(envelope()), "accepted");
  Batch batch(1024);
  batch.begin(1, 0);
  ASSERT_TRUE(encoder->encode(decoding.message(), batch));
  send_until_settled(*sender, batch);
  EXPECT_EQ(batch.lost().total(), 0U);
  EXPECT_EQ(files(), (std::set<std::string>{"app-2020-01-01.log", "app-2013-01-18.log"}));
}

TEST(PathTemplateTime, IsInOrderWhenNoLargerPartIsMissing) {
  const auto is_ordered = [](const std::string& path) {
    return PathTemplate::parse("/l/" + path)->is_ordered_by_time();
  };
  for (const char* path :
       {"%Y", "%y%m", "%Y-%m-%d", "%d.%m.%Y", "%Y/%j", "%Y-%m-%d_%H%M%S", "%{Logger}/%Y%m%d%H"}) {
    EXPECT_TRUE(is_ordered(path)) << path;
  }
  for (const char* path :
       {"a", "%m-%d", "%Y-%d", "%H", "%Y-%m-%H", "%Y-%m-%d-%M", "%Y-%m-%d-%H-%S", "%{Logger}"}) {
    EXPECT_FALSE(is_ordered(path)) << path;
  }
}

/// What is wrong with a file output of these lines.
std::vector<std::string> errors_of(const std::string& lines) {
  ConfigErrors errors;
  const ConfigValue root = parse_toml(
      std::make_shared<const ConfigSource>(
          ConfigSource{"f.toml", "[input.udp]\naddress='127.0.0.1:0'\n[output.file]\n" + lines, 1}),
      [](const std::string&) { return std::nullopt; }, errors);
  read_plan(root, errors);
  return errors.errors();
}

TEST(FileRetentionSettings, SayWhatIsWrong) {
  EXPECT_THAT(errors_of("path='/l/%Y-%m-%d.log'\nkeep_for='30d'"), ElementsAre());
  EXPECT_THAT(errors_of("path='/l/%Y-%m-%d.log'\nkeep_dates=7\npath_time='writing'"),
              ElementsAre());
  EXPECT_THAT(errors_of("path='/l/a.log'\nkeep_for='30d'"),
              ElementsAre(HasSubstr("is about paths with a date")));
  EXPECT_THAT(errors_of("path='/l/%{Logger}.log'\nkeep_dates=7\npath_time='writing'"),
              ElementsAre(HasSubstr("is about paths with a date")));
  EXPECT_THAT(errors_of("path='/l/%m-%d.log'\nkeep_dates=7\npath_time='writing'"),
              ElementsAre(HasSubstr("write the year")));
  EXPECT_THAT(errors_of("path='/l/%Y.log'\nkeep_dates=7"),
              ElementsAre(HasSubstr("add path_time = \"writing\"")));
  EXPECT_THAT(errors_of("path='/l/%Y.log'\nkeep_for='5m'"), ElementsAre(HasSubstr("too short")));
  EXPECT_THAT(errors_of("path='/l/%Y.log'\nkeep_dates=0\npath_time='writing'"),
              ElementsAre(HasSubstr("keep_dates: 0")));
}

}  // namespace
}  // namespace metlog
