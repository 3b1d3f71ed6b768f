#include "metlog/internal/session/session.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "metlog/internal/base/crc32c.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/messages.h"
#include "tests/support/small_file_system.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;
using testing::SizeIs;

TestEngineOptions in_directory(const fs::path& directory) {
  TestEngineOptions options;
  options.engine.session_directory = directory.string();
  options.engine.ring_bytes = 8192;
  return options;
}

unsigned mode_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(lstat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

std::string contents_of(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  std::string contents(fs::file_size(path), '\0');
  const ssize_t size = pread(fd, contents.data(), contents.size(), 0);
  EXPECT_EQ(size, static_cast<ssize_t>(contents.size()));
  close(fd);
  return contents;
}

std::vector<fs::path> entries_of(const fs::path& directory) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(directory)) entries.push_back(entry.path());
  return entries;
}

template <class T>
T number_at(const std::string& bytes, std::size_t offset) {
  T number{};
  EXPECT_LE(offset + sizeof number, bytes.size());
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

// The difference between a living process's session and one that a dead process left.
TEST(Session, HoldsALockOnItsFileAsLongAsItLives) {
  const TempDir directory;
  TestEngine test(in_directory(directory.path()));
  const std::vector<fs::path> sessions = entries_of(directory.path());
  ASSERT_THAT(sessions, SizeIs(1));
  const int fd = ::open((sessions[0] / "session").c_str(), O_RDWR | O_CLOEXEC);
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  EXPECT_EQ(fcntl(fd, F_OFD_GETLK, &whole), 0);
  EXPECT_EQ(whole.l_type, F_WRLCK);
  close(fd);
}

TEST(Session, LiesInADirectoryThatOnlyItsOwnerEntersAndIsRemovedAtTheEnd) {
  const TempDir directory;
  const fs::path parent = directory.path() / "sessions";
  {
    TestEngine test(in_directory(parent));
    METLOG_INFO(test.log(), "");
    const fs::path session = test.engine().session_path();
    EXPECT_EQ(session.parent_path(), parent);
    EXPECT_EQ(mode_of(parent), 0700U);
    EXPECT_EQ(mode_of(session), 0700U);
    EXPECT_TRUE(fs::exists(session / "session"));
    EXPECT_TRUE(fs::exists(session / "dict"));
    EXPECT_TRUE(fs::exists(session / "r000.ring"));
    for (const fs::path& file : entries_of(session)) EXPECT_EQ(mode_of(file), 0600U) << file;
    EXPECT_EQ(test.engine().anonymous_rings(), 0U);
    EXPECT_THAT(test.engine().session(), SizeIs(32));
  }
  EXPECT_THAT(entries_of(parent), IsEmpty());
}

TEST(Session, DescribesItselfInItsHeader) {
  const TempDir directory;
  TestEngine test(in_directory(directory.path()));
  const fs::path session = test.engine().session_path();
  const std::string header = contents_of(session / "session");
  EXPECT_EQ(header.substr(0, 8), "METLSESS");
  EXPECT_EQ(number_at<std::uint32_t>(header, 8), kSessionAbi);
  EXPECT_EQ(number_at<std::uint32_t>(header, 72), static_cast<std::uint32_t>(getpid()));
  EXPECT_EQ(number_at<std::uint32_t>(header, 76), geteuid());
}

/// An entry of the dictionary.
struct DictionaryEntry {
  std::uint32_t id;
  std::string text;
};

std::vector<DictionaryEntry> read_dictionary(const std::string& bytes) {
  std::vector<DictionaryEntry> entries;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto size = number_at<std::uint32_t>(bytes, at);
    const auto crc = number_at<std::uint32_t>(bytes, at + 4);
    const std::string contents = bytes.substr(at + 8, size);
    EXPECT_EQ(contents.size(), size);
    EXPECT_EQ(crc32c(reinterpret_cast<const unsigned char*>(contents.data()), size), crc);
    const auto text_size = number_at<std::uint32_t>(contents, 12);
    entries.push_back({number_at<std::uint32_t>(contents, 0), contents.substr(16, text_size)});
    at += 8 + size;
  }
  return entries;
}

TEST(Session, HoldsEverySiteInItsDictionary) {
  const TempDir directory;
  TestEngine test(in_directory(directory.path()));
  static SiteGate gate{{0}, {0}};
  const SiteText text{SiteKind::kEvent, Severity::kInfo, "loaded later", "", "", 1};
  register_site(describe_site(text, nullptr, 0), gate, &g_this_library);
  const fs::path session = test.engine().session_path();
  const std::vector<DictionaryEntry> entries = read_dictionary(contents_of(session / "dict"));
  const SiteRegistry& registry = SiteRegistry::instance();
  ASSERT_EQ(entries.size(), registry.count());
  for (const DictionaryEntry& entry : entries) {
    ASSERT_NE(registry.find(entry.id), nullptr);
    EXPECT_EQ(registry.find(entry.id)->text, entry.text);
  }
  EXPECT_EQ(entries.back().text, "loaded later");
}

TEST(Session, HoldsItsClientsAndWhatTheyBecome) {
  const TempDir directory;
  TestEngineOptions options = in_directory(directory.path());
  options.client.pool_size = 1;
  TestEngine test(std::move(options));
  ASSERT_TRUE(test.engine().reconfigure(test.client(), "null:", {.logger = "later"}).ok());
  const std::string bytes = contents_of(fs::path(test.engine().session_path()) / "clients");
  const auto first_size = number_at<std::uint32_t>(bytes, 0);
  EXPECT_NE(bytes.substr(8, first_size).find("tests"), std::string::npos);
  const std::string second = bytes.substr(8 + first_size + 8);
  EXPECT_EQ(number_at<std::uint32_t>(second, 0), test.client().gate().slot) << "the same slot";
  EXPECT_NE(second.find("later"), std::string::npos);
  EXPECT_NE(second.find("null:"), std::string::npos);
  EXPECT_EQ(number_at<std::uint32_t>(second, second.size() - 8), 1U) << "one stream";
  EXPECT_EQ(number_at<std::uint32_t>(second, second.size() - 4), 1U) << "the second of the session";
}

TEST(Session, LetsAnotherReaderSeeARecordBeforeItIsDrained) {
  const TempDir directory;
  TestEngine test(in_directory(directory.path()));
  METLOG_INFO(test.log(), "{}", "seen in the ring");
  METLOG_INFO(test.log(), "{}", std::string(100, 'L'));
  std::size_t rings_with_it = 0;
  for (const fs::path& file : entries_of(test.engine().session_path())) {
    if (file.extension() != ".ring") continue;
    const std::string bytes = contents_of(file);
    EXPECT_EQ(bytes.substr(0, 8), "METLRING");
    if (bytes.find("seen in the ring") == std::string::npos) continue;
    EXPECT_NE(bytes.find(std::string(40, 'L')), std::string::npos);
    ++rings_with_it;
  }
  EXPECT_EQ(rings_with_it, 1U);
  EXPECT_THAT(test.capture().messages(), IsEmpty());
}

TEST(Session, CarriesItsIdInLossMessages) {
  const TempDir directory;
  TestEngine test(in_directory(directory.path()));
  METLOG_INFO(test.log(), "{}", std::string(100'000, 'x'));
  const std::vector<std::string> messages = test.settle();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(field_of(messages[0], "session"), '"' + test.engine().session() + '"');
}

/// The engine works on without files, and says so.
void expect_falls_back(const fs::path& directory) {
  TestEngine test(in_directory(directory));
  METLOG_INFO(test.log(), "works");
  EXPECT_EQ(test.engine().session_path(), "");
  EXPECT_GT(test.engine().anonymous_rings(), 0U);
  EXPECT_THAT(test.settle(), SizeIs(1));
}

/// The name of a call site that fills the dictionary beyond any small limit.
const std::string& long_name() {
  static const std::string name(20'000, 'n');
  return name;
}

int raised = 0;

/// Counts SIGXFSZ in this thread, whose default would end the process.
class SignalCount {
 public:
  SignalCount() {
    raised = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { ++raised; };
    sigaction(SIGXFSZ, &action, &before_);
  }
  ~SignalCount() { sigaction(SIGXFSZ, &before_, nullptr); }
  SignalCount(const SignalCount&) = delete;
  SignalCount& operator=(const SignalCount&) = delete;

 private:
  struct sigaction before_ {};
};

TEST(Session, RaisesNoSignalWhereTheLimitForFilesIsTooSmallForIt) {
  for (const rlim_t limit : {rlim_t{0}, rlim_t{1}, rlim_t{4095}}) {
    const TempDir directory;
    const SignalCount count;
    {
      const FileSizeLimit small(limit);
      expect_falls_back(directory.path() / "sessions");
    }
    EXPECT_EQ(raised, 0) << limit;
    EXPECT_THAT(entries_of(directory.path() / "sessions"), IsEmpty());
  }
}

void expect_anonymous_rings(std::size_t ring_bytes) {
  // A tmpfs, where root may mount one: there a large ring gets its memory part by part.
  const TempDir directory;
  const SmallFileSystem mounted(directory.path() / "mounted", "mode=0700");
  const SignalCount count;
  {
    const FileSizeLimit small(6000);  // the header's 4096 are allowed, a ring of 8192 is not
    TestEngineOptions options = in_directory(mounted.path() / "sessions");
    options.engine.ring_bytes = ring_bytes;
    TestEngine test(std::move(options));
    METLOG_INFO(test.log(), "works");
    static SiteGate gate{{0}, {0}};
    const SiteText text{SiteKind::kEvent, Severity::kInfo, long_name(), "", "", 1};
    register_site(describe_site(text, nullptr, 0), gate, &g_this_library);
    EXPECT_NE(test.engine().session_path(), "");
    EXPECT_GT(test.engine().anonymous_rings(), 0U);
    EXPECT_THAT(test.settle(), SizeIs(1));
  }
  EXPECT_EQ(raised, 0);
}

TEST(Session, HasAnonymousRingsWhereTheLimitForFilesIsTooSmallForARing) {
  expect_anonymous_rings(8192);
  expect_anonymous_rings(256 * 1024);
}

TEST(Session, IsRefusedADirectoryThatOthersMayEnter) {
  const TempDir directory;
  const fs::path open_to_all = directory.path() / "open";
  ASSERT_EQ(mkdir(open_to_all.c_str(), 0700), 0);
  ASSERT_EQ(chmod(open_to_all.c_str(), 0755), 0);
  expect_falls_back(open_to_all);
  EXPECT_THAT(entries_of(open_to_all), IsEmpty());
}

TEST(Session, IsRefusedADirectoryOfAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  const TempDir directory;
  const fs::path others = directory.path() / "others";
  ASSERT_EQ(mkdir(others.c_str(), 0700), 0);
  ASSERT_EQ(chown(others.c_str(), 65534, 65534), 0);
  expect_falls_back(others);
  EXPECT_THAT(entries_of(others), IsEmpty());
}

TEST(Session, IsRefusedALinkAndAFileInTheDirectorysPlace) {
  const TempDir directory;
  const fs::path real = directory.path() / "real";
  ASSERT_EQ(mkdir(real.c_str(), 0700), 0);
  fs::create_directory_symlink(real, directory.path() / "link");
  expect_falls_back(directory.path() / "link");
  close(::open((directory.path() / "file").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  expect_falls_back(directory.path() / "file");
  expect_falls_back(directory.path() / "missing" / "deeper");
}

TEST(Session, FallsBackWhenItsFileSystemIsFull) {
  const TempDir directory;
  // Enough for the header and the dictionary, but not for a ring.
  const SmallFileSystem full(directory.path() / "full", "size=131072,mode=0700");
  if (!full.is_mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
  TestEngineOptions options = in_directory(full.path());
  options.engine.ring_bytes = 1 << 20;
  TestEngine test(std::move(options));
  for (int i = 0; i < 1'000; ++i) METLOG_INFO(test.log(), "{}", i);
  EXPECT_GT(test.engine().anonymous_rings(), 0U);
  EXPECT_THAT(test.settle(), SizeIs(1'000));
}

TEST(Session, FallsBackWhenNotEvenItsHeaderFits) {
  const TempDir directory;
  const SmallFileSystem full(directory.path() / "full", "size=4096,mode=0700");
  if (!full.is_mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
  std::string page(4096, 'x');
  const int fd = ::open((full.path() / "fill").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  ASSERT_EQ(write(fd, page.data(), page.size()), static_cast<ssize_t>(page.size()));
  close(fd);
  expect_falls_back(full.path());
  EXPECT_THAT(entries_of(full.path()), SizeIs(1));
}

TEST(Session, IsAbsentWhenNoneIsWanted) {
  TestEngine test;
  METLOG_INFO(test.log(), "");
  EXPECT_EQ(test.engine().session(), "");
  EXPECT_EQ(test.engine().session_path(), "");
  EXPECT_EQ(test.engine().anonymous_rings(), 0U) << "they lie where they should";
}

}  // namespace
}  // namespace metlog
