// journald: from a client to a socket that is read as the journal reads its own.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "metlog/internal/base/unique_fd.h"
#include "metlog/make_sender.h"
#include "metlog/metlog.h"
#include "tests/senders/temp_dir.h"
#include "tests/senders/without_session.h"
#include "tests/support/journal_entry.h"

namespace metlog {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;

/// A socket that takes what the journal takes: datagrams, and sealed files that are passed.
class Journal {
 public:
  explicit Journal(std::string path) : path_(std::move(path)) { bind(); }
  ~Journal() { close(); }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void bind() {
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    ::unlink(path_.c_str());
    ASSERT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  /// Waits for an entry, for a minute at most.
  JournalEntry read() {
    pollfd ready{fd_, POLLIN, 0};
    if (::poll(&ready, 1, 60'000) != 1) return {{"none", "came"}};
    std::string bytes(1 << 20, '\0');
    iovec part{bytes.data(), bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(fd_, &header, MSG_CMSG_CLOEXEC);
    bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    const cmsghdr* const rights = CMSG_FIRSTHDR(&header);
    if (rights != nullptr && rights->cmsg_type == SCM_RIGHTS) {
      EXPECT_EQ(bytes, "") << "a file stands alone";
      int file = -1;
      std::memcpy(&file, CMSG_DATA(rights), sizeof file);
      bytes = content_of_sealed(file);
      ++files_;
    }
    const std::optional<JournalEntry> entry = read_journal_entry(bytes);
    EXPECT_TRUE(entry.has_value()) << bytes.substr(0, 1000);
    return entry.value_or(JournalEntry{});
  }
  [[nodiscard]] int files() const { return files_; }

 private:
  static std::string content_of_sealed(int file) {
    const int seals = ::fcntl(file, F_GET_SEALS);
    EXPECT_EQ(seals, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    std::string bytes(static_cast<std::size_t>(::lseek(file, 0, SEEK_END)), '\0');
    EXPECT_EQ(::pread(file, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    ::close(file);
    return bytes;
  }

  const std::string path_;
  int fd_ = -1;
  int files_ = 0;
};

/// Bytes of a new socket's send buffer.
std::size_t socket_buffer_bytes() {
  const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  int bytes = 0;
  socklen_t size = sizeof bytes;
  EXPECT_EQ(::getsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &bytes, &size), 0);
  return static_cast<std::size_t>(bytes);
}

std::string value_of(const JournalEntry& entry, std::string_view key) {
  for (const auto& [its_key, value] : entry) {
    if (its_key == key) return value;
  }
  return "none";
}

class JournaldTest : public testing::Test {
 protected:
  Client open(const std::string& options = "") {
    absl::StatusOr<Client> client =
        engine_.open("journald:" + directory_.file("socket") + options,
                     {.logger = "shop", .min_severity = Severity::kTrace});
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }

  static void expect_exact(const Client& log, std::uint64_t emitted, std::uint64_t sent) {
    const Ledger ledger = log.stats();
    EXPECT_EQ(ledger.emitted, emitted);
    EXPECT_EQ(ledger.sent, sent);
    EXPECT_EQ(ledger.sent + ledger.lost.total(), emitted);
  }

  TempDir directory_;
  Journal journal_{directory_.file("socket")};
  Engine engine_{without_session(4 << 20)};
};

TEST_F(JournaldTest, HasTheFieldsOfTheCall) {
  Client log = open("?app=shopd");
  METLOG_WARN(log, "slow \"query\" {}", 7, kv("table", "two words"), kv("user.id", 25),
              kv("_id", "x"), kv("2xx", true), kv("message", "own"),
              kv("list", std::vector<int>{1, 2}));
  METLOG_TRACE(log, "fine");
  METLOG_INCR(log, "orders", 3);
  EXPECT_TRUE(log.flush(seconds(60)));
  expect_exact(log, 3, 3);
  const JournalEntry entry = journal_.read();
  JournalEntry expected = {{"PRIORITY", "4"},
                           {"SYSLOG_IDENTIFIER", "shopd"},
                           {"SYSLOG_PID", std::to_string(getpid())},
                           {"LOGGER", "shop"},
                           {"TYPE", "oldstyle"},
                           {"CODE_FILE", __FILE__},
                           {"CODE_LINE", value_of(entry, "CODE_LINE")},
                           {"CODE_FUNC", value_of(entry, "CODE_FUNC")},
                           {"TID", std::to_string(gettid())},
                           {"THREAD_NAME", value_of(entry, "THREAD_NAME")},
                           {"TIMESTAMP", value_of(entry, "TIMESTAMP")},
                           {"MESSAGE", "slow \"query\" 7"},
                           {"TABLE", "two words"},
                           {"USER_ID", "25"},
                           {"F_ID", "x"},
                           {"F2XX", "true"},
                           {"MESSAGE_", "own"},
                           {"LIST", "[1,2]"}};
  EXPECT_EQ(entry, expected);
  EXPECT_THAT(value_of(entry, "CODE_FUNC"), HasSubstr("TestBody"));
  EXPECT_THAT(value_of(entry, "TIMESTAMP"), testing::MatchesRegex("20[0-9-]+T[0-9:.]+Z"));
  const JournalEntry trace = journal_.read();
  EXPECT_EQ(value_of(trace, "PRIORITY"), "7");
  const JournalEntry metric = journal_.read();
  EXPECT_EQ(value_of(metric, "TYPE"), "counter");
  EXPECT_EQ(value_of(metric, "NAME"), "orders");
  EXPECT_EQ(value_of(metric, "METRIC_VALUE"), "3");
}

TEST_F(JournaldTest, KeepsTextsOfSeveralLines) {
  Client log = open();
  {
    const ScopedContext context({{"ctx", "a\n\"b\"\t\\"}, {"word", "w]"}});
    METLOG_ERROR(log, "one\ntwo {}\n\x1b[31m\xff", "three\nfour", kv("stack", "f()\ng()"),
                 kv("plain", "p"));
  }
  METLOG_INFO(log, "PRIORITY=0\nMESSAGE=forged");
  EXPECT_TRUE(log.flush(seconds(60)));
  expect_exact(log, 2, 2);
  const JournalEntry entry = journal_.read();
  EXPECT_EQ(value_of(entry, "MESSAGE"), "one\ntwo three\nfour\n\\u001b[31m\xEF\xBF\xBD");
  EXPECT_EQ(value_of(entry, "STACK"), "f()\ng()");
  EXPECT_EQ(value_of(entry, "PLAIN"), "p");
  EXPECT_EQ(value_of(entry, "CTX"), "a\n\"b\"\t\\");
  EXPECT_EQ(value_of(entry, "WORD"), "w]");
  const JournalEntry forged = journal_.read();
  EXPECT_EQ(value_of(forged, "PRIORITY"), "6");
  EXPECT_EQ(value_of(forged, "MESSAGE"), "PRIORITY=0\nMESSAGE=forged");
}

TEST_F(JournaldTest, PassesWhatIsTooLongForADatagramAsASealedFile) {
  Client log = open();
  // The longest messages are those whose texts need escapes.
  const std::string controls(50'000, '\x01');
  std::string large;
  for (std::size_t i = 0; i < controls.size(); ++i) large += "\\u0001";
  const int files = large.size() > socket_buffer_bytes() ? 1 : 0;  // 1 where nobody has changed it
  METLOG_INFO(log, "{}", controls);
  METLOG_INFO(log, "short");
  EXPECT_TRUE(log.flush(seconds(60)));
  EXPECT_EQ(value_of(journal_.read(), "MESSAGE"), large);
  EXPECT_EQ(journal_.files(), files);
  EXPECT_EQ(value_of(journal_.read(), "MESSAGE"), "short");
  EXPECT_EQ(journal_.files(), files);
  expect_exact(log, 2, 2);
  Client small = open("?max_datagram=64");
  METLOG_INFO(small, "as a file, since the URL says so");
  EXPECT_TRUE(small.flush(seconds(60)));
  EXPECT_THAT(value_of(journal_.read(), "MESSAGE"), StartsWith("as a file"));
  EXPECT_EQ(journal_.files(), files + 1);
  expect_exact(small, 1, 1);
}

TEST_F(JournaldTest, WaitsForAJournalThatIsFull) {
  Client log = open();
  constexpr int kCount = 3000;  // more than the socket's queue has room for
  std::thread reader([&] {
    for (int i = 0; i < kCount; ++i) {
      ASSERT_EQ(value_of(journal_.read(), "MESSAGE"), "number " + std::to_string(i));
    }
  });
  for (int i = 0; i < kCount; ++i) METLOG_INFO(log, "number {}", i);
  EXPECT_TRUE(log.flush(seconds(60)));
  reader.join();
  expect_exact(log, kCount, kCount);
}

TEST_F(JournaldTest, WaitsForAJournalThatComesBackAndCountsWhatItCannotSend) {
  Client log = open("?hold_ms=60000");
  METLOG_INFO(log, "before");
  ASSERT_TRUE(log.flush(seconds(60)));
  EXPECT_EQ(value_of(journal_.read(), "MESSAGE"), "before");
  journal_.close();
  METLOG_INFO(log, "while it is away");
  journal_.bind();
  EXPECT_EQ(value_of(journal_.read(), "MESSAGE"), "while it is away");
  EXPECT_TRUE(log.flush(seconds(60)));
  expect_exact(log, 2, 2);
  Client hasty = open("?hold_ms=0");
  journal_.close();
  for (int i = 0; i < 10; ++i) METLOG_INFO(hasty, "nobody reads it");
  hasty.flush(seconds(60));
  expect_exact(hasty, 10, 0);
  EXPECT_EQ(hasty.stats().lost[LossReason::kNoReceiver], 10U);
  journal_.bind();
  METLOG_INFO(hasty, "again");
  hasty.close(seconds(60));
  expect_exact(hasty, 11, 1);
  std::string told;
  for (JournalEntry entry = journal_.read();; entry = journal_.read()) {
    if (value_of(entry, "TYPE") == "metlog.loss") told = value_of(entry, "COUNT");
    if (!told.empty() || value_of(entry, "none") == "came") break;
  }
  EXPECT_EQ(told, "10");
}

TEST(JournaldUrl, SaysWhatIsWrong) {
  Engine engine(without_session());
  const auto error_of = [&](const std::string& url) {
    return std::string(engine.open(url, {}).status().message());
  };
  EXPECT_THAT(error_of("journald://host:1"),
              HasSubstr("write journald:/run/systemd/journal/socket"));
  EXPECT_THAT(error_of("journald:?hold=1"), HasSubstr("takes hold_ms, max_datagram"));
  EXPECT_THAT(error_of("journald:?facility=daemon"), HasSubstr("facility"));
  EXPECT_THAT(error_of("journald:?format=json"), HasSubstr("leave out format=json"));
  EXPECT_THAT(error_of("file:x?format=journal"), HasSubstr("journald: only"));
}

}  // namespace
}  // namespace metlog
