#include "tools/router/input/ipc_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/router/collecting_sink.h"
#include "tests/router/peers.h"
#include "tests/senders/temp_dir.h"
#include "tools/router/input/handshake_input.h"
#include "tools/router/input/zmq_input.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// The message of the error; empty when it listens, which it must not.
std::string refusal(const std::string& path) {
  const absl::StatusOr<IpcListener> listener = IpcListener::open(path);
  EXPECT_FALSE(listener.ok()) << path;
  return std::string(listener.status().message());
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

ino_t inode_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status.st_ino;
}

bool can_connect(const std::string& path) {
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

/// A socket that another program bound; it listens unless it is of datagrams.
UniqueFd foreign_socket(const std::string& path, int type = SOCK_STREAM) {
  UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  if (type == SOCK_STREAM) {
    EXPECT_EQ(::listen(fd.get(), 1), 0);
  }
  return fd;
}

/// Runs in a child that is killed once it has done it.
void run_and_be_killed(const std::function<bool()>& act) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (act()) ::raise(SIGKILL);
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it could not listen";
}

void listen_and_be_killed(const std::string& path) {
  run_and_be_killed([&path] {
    const absl::StatusOr<IpcListener> listener = IpcListener::open(path);
    if (listener.ok()) ::raise(SIGKILL);
    return false;
  });
}

TEST(IpcListener, ListensAndLeavesNothingBehind) {
  const TempDir dir;
  const std::string path = dir.file("socket");
  {
    const absl::StatusOr<IpcListener> listener = IpcListener::open(path);
    ASSERT_TRUE(listener.ok()) << listener.status();
    EXPECT_EQ(listener->path(), path);
    EXPECT_TRUE(can_connect(path));
    struct stat lock {};
    ASSERT_EQ(::stat((path + ".lock").c_str(), &lock), 0);
    EXPECT_EQ(lock.st_mode & 07777U, 0600U);
  }
  EXPECT_FALSE(exists(path));
  EXPECT_FALSE(exists(path + ".lock"));
}

TEST(IpcListener, RefusesAndKeepsWhatIsNoSocket) {
  const TempDir dir;
  const std::string file = dir.file("file");
  std::ofstream(file) << "x\n";
  ASSERT_EQ(::mkfifo(dir.file("fifo").c_str(), 0600), 0);
  ASSERT_EQ(::mkdir(dir.file("directory").c_str(), 0700), 0);
  std::filesystem::create_symlink(file, dir.file("link"));
  std::filesystem::create_symlink(dir.file("absent"), dir.file("dangling"));
  const auto refused = [&dir](const std::string& name, const std::string& kind) {
    const ino_t before = inode_of(dir.file(name));
    const std::string message = refusal(dir.file(name));
    EXPECT_THAT(message, HasSubstr(dir.file(name)));
    EXPECT_THAT(message, HasSubstr(kind));
    EXPECT_THAT(message, HasSubstr("name another path"));
    EXPECT_EQ(inode_of(dir.file(name)), before);
    EXPECT_FALSE(exists(dir.file(name) + ".lock")) << "it leaves nothing";
  };
  refused("file", "a file is there");
  refused("fifo", "a named pipe");
  refused("directory", "a directory");
  refused("link", "a symbolic link");
  refused("dangling", "a symbolic link");
  EXPECT_EQ(content_of(file), "x\n");
}

TEST(IpcListener, RefusesAPathThatIsTakenAndNamesTheHolder) {
  const TempDir dir;
  const std::string path = dir.file("socket");
  const absl::StatusOr<IpcListener> first = IpcListener::open(path);
  ASSERT_TRUE(first.ok());
  const std::string message = refusal(path);
  EXPECT_THAT(message, HasSubstr(path));
  EXPECT_THAT(message, HasSubstr("process " + std::to_string(::getpid())));
  EXPECT_TRUE(can_connect(path));
  // By another name of its directory.
  std::filesystem::create_symlink(dir.file("."), dir.file("same"));
  EXPECT_THAT(refusal(dir.file("same/socket")), HasSubstr("process"));
}

TEST(IpcListener, RefusesAndKeepsTheSocketsOfOthers) {
  const TempDir dir;
  const std::string living = dir.file("living");
  const std::string datagrams = dir.file("datagrams");
  const std::string dead = dir.file("dead");
  const UniqueFd listens = foreign_socket(living);
  const UniqueFd receives = foreign_socket(datagrams, SOCK_DGRAM);
  foreign_socket(dead);
  EXPECT_THAT(refusal(living), HasSubstr("another program listens there"));
  EXPECT_THAT(refusal(datagrams), HasSubstr("another program listens there"));
  const std::string message = refusal(dead);
  EXPECT_THAT(message, HasSubstr("a socket without a listener"));
  EXPECT_THAT(message, HasSubstr("rm " + dead));
  EXPECT_TRUE(can_connect(living));
  EXPECT_TRUE(exists(datagrams));
  EXPECT_TRUE(exists(dead));
}

TEST(IpcListener, ReplacesTheSocketOfARunThatWasKilled) {
  const TempDir dir;
  const std::string path = dir.file("socket");
  for (int run = 0; run < 3; ++run) {
    listen_and_be_killed(path);
    ASSERT_TRUE(exists(path));
    ASSERT_TRUE(exists(path + ".lock"));
  }
  const absl::StatusOr<IpcListener> listener = IpcListener::open(path);
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_TRUE(can_connect(path));
}

TEST(IpcListener, TakesNoOtherFileForTheSocketOfARunThatWasKilled) {
  const TempDir dir;
  const std::string path = dir.file("socket");
  listen_and_be_killed(path);
  ASSERT_EQ(::unlink(path.c_str()), 0);
  foreign_socket(path);  // may have the same inode number
  EXPECT_THAT(refusal(path), HasSubstr("not known as one of metlog's"));
  EXPECT_TRUE(exists(path));
  ASSERT_EQ(::unlink(path.c_str()), 0);
  std::ofstream(path) << "mine";
  EXPECT_THAT(refusal(path), HasSubstr("a file is there"));
  EXPECT_EQ(content_of(path), "mine");
}

TEST(IpcListener, RemovesOnlyItsOwnSocketAtTheEnd) {
  const TempDir dir;
  const std::string path = dir.file("socket");
  {
    const absl::StatusOr<IpcListener> listener = IpcListener::open(path);
    ASSERT_TRUE(listener.ok());
    ASSERT_EQ(::unlink(path.c_str()), 0);
    std::ofstream(path) << "mine";
  }
  EXPECT_EQ(content_of(path), "mine");
}

TEST(IpcListener, TakesNoOtherFileForItsLock) {
  const TempDir dir;
  const std::string path = dir.file("socket");
  std::ofstream(dir.file("notes")) << "notes";
  std::ofstream(path + ".lock") << "mine";
  EXPECT_THAT(refusal(path), HasSubstr(path + ".lock"));
  EXPECT_EQ(content_of(path + ".lock"), "mine");
  ASSERT_EQ(::unlink((path + ".lock").c_str()), 0);
  std::filesystem::create_symlink(dir.file("notes"), path + ".lock");
  EXPECT_THAT(refusal(path), HasSubstr(path + ".lock"));
  EXPECT_EQ(content_of(dir.file("notes")), "notes");
  ASSERT_EQ(::unlink((path + ".lock").c_str()), 0);
  ASSERT_EQ(::mkfifo((path + ".lock").c_str(), 0600), 0);
  EXPECT_THAT(refusal(path), HasSubstr("no lock"));
  EXPECT_FALSE(exists(path));
}

TEST(IpcListener, HasAbstractNames) {
  const TempDir dir;
  const std::string before = std::filesystem::current_path();
  std::filesystem::current_path(dir.file("."));
  const std::string name = "@metlog-test-" + std::to_string(::getpid());
  std::ofstream(name) << "a file of this name";
  {
    const absl::StatusOr<IpcListener> listener = IpcListener::open(name);
    ASSERT_TRUE(listener.ok()) << listener.status();
    EXPECT_THAT(refusal(name), HasSubstr("end the program that listens there"));
  }
  EXPECT_EQ(content_of(name), "a file of this name");
  EXPECT_FALSE(exists(name + ".lock"));
  EXPECT_TRUE(IpcListener::open(name).ok());
  std::filesystem::current_path(before);
}

TEST(IpcListener, MakesADirectoryForAStarAndRemovesIt) {
  std::string directory;
  {
    const absl::StatusOr<IpcListener> first = IpcListener::open("*");
    const absl::StatusOr<IpcListener> second = IpcListener::open("*");
    ASSERT_TRUE(first.ok()) << first.status();
    ASSERT_TRUE(second.ok()) << second.status();
    EXPECT_NE(first->path(), second->path());
    EXPECT_TRUE(can_connect(first->path()));
    directory = std::filesystem::path(first->path()).parent_path();
  }
  EXPECT_FALSE(exists(directory));
}

TEST(IpcListener, SaysWhatIsWrongWithAPath) {
  const TempDir dir;
  EXPECT_THAT(refusal(dir.file(std::string(107, 'x'))), HasSubstr("107 at most"));
  EXPECT_THAT(refusal(dir.file("absent/socket")), HasSubstr("a directory that exists"));
  std::ofstream(dir.file("file")) << "x";
  EXPECT_THAT(refusal(dir.file("file/socket")), HasSubstr("a directory that exists"));
  EXPECT_THAT(refusal("@"), HasSubstr("missing"));
}

TEST(IpcListener, LetsOneOfManyHaveAPath) {
  const TempDir dir;
  const std::string path = dir.file("socket");
  for (int round = 0; round < 20; ++round) {
    if (round % 2 == 1) listen_and_be_killed(path);
    std::vector<std::optional<IpcListener>> won(8);
    std::atomic<bool> starts{false};
    std::vector<std::thread> threads;
    for (auto& mine : won) {
      threads.emplace_back([&] {
        while (!starts.load(std::memory_order_acquire)) {  // pairs with the release below
        }
        absl::StatusOr<IpcListener> listener = IpcListener::open(path);
        if (listener.ok()) mine.emplace(*std::move(listener));
      });
    }
    starts.store(true, std::memory_order_release);  // pairs as above
    for (std::thread& thread : threads) thread.join();
    int winners = 0;
    for (const auto& one : won) winners += one.has_value() ? 1 : 0;
    EXPECT_EQ(winners, 1);
    EXPECT_TRUE(can_connect(path));
  }
}

TEST(ZmqInput, KeepsAnIpcPathForItself) {
  const TempDir dir;
  const std::string endpoint = "ipc://" + dir.file("socket");
  auto first = ZmqInput::open(endpoint, 1000, Reach::kLoopbackOnly);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ((*first)->endpoint(), endpoint);
  EXPECT_FALSE(ZmqInput::open(endpoint, 1000, Reach::kLoopbackOnly).ok());
  EXPECT_FALSE(HandshakeInput::open(endpoint, Reach::kLoopbackOnly).ok());
  std::vector<std::unique_ptr<Input>> inputs;
  inputs.push_back(*std::move(first));
  const ZmqPeer peer(endpoint, [&] { wait_for_input(inputs, std::chrono::milliseconds(1)); });
  peer.send("heard");
  CollectingSink sink;
  while (sink.texts.empty()) {
    wait_for_input(inputs, std::chrono::seconds(1));
    inputs[0]->poll(sink, 1);
  }
  EXPECT_THAT(sink.texts, ElementsAre("heard"));
  inputs.clear();
  EXPECT_FALSE(exists(dir.file("socket")));
  std::ofstream(dir.file("socket")) << "mine";
  EXPECT_FALSE(ZmqInput::open(endpoint, 1000, Reach::kLoopbackOnly).ok());
  EXPECT_FALSE(HandshakeInput::open(endpoint, Reach::kLoopbackOnly).ok());
  EXPECT_EQ(content_of(dir.file("socket")), "mine");
}

TEST(ZmqInput, BindsEveryAddressOfAName) {
  auto input = ZmqInput::open("tcp://localhost:*", 1000, Reach::kLoopbackOnly);
  ASSERT_TRUE(input.ok()) << input.status();
  const std::string endpoint = (*input)->endpoint();
  const std::string port = endpoint.substr(endpoint.rfind(':'));
  EXPECT_THAT(port, Not(testing::AnyOf(":0", ":*")));
  std::vector<std::unique_ptr<Input>> inputs;
  inputs.push_back(*std::move(input));
  const auto pump = [&] { wait_for_input(inputs, std::chrono::milliseconds(1)); };
  CollectingSink sink;
  for (const std::string& host : {std::string("127.0.0.1"), std::string("localhost")}) {
    const ZmqPeer peer("tcp://" + host + port, pump);
    peer.send(host);
    while (sink.texts.empty() || sink.texts.back() != host) {
      wait_for_input(inputs, std::chrono::seconds(1));
      inputs[0]->poll(sink, 1);
    }
  }
  // As a port of this host it is taken now.
  EXPECT_FALSE(ZmqInput::open("tcp://localhost" + port, 1000, Reach::kLoopbackOnly).ok());
}

}  // namespace
}  // namespace metlog
