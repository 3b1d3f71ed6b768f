// Clients of one URL share the threads of its connections, and keep all else for themselves.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "metlog/engine.h"
#include "metlog/metlog.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/thread_count.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::SizeIs;

Engine::Parts parts() {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  return parts;
}

/// An engine with threads, and those of the process before it had any.
class ClientsOfOneUrl : public testing::Test {
 protected:
  /// Returns the threads that are neither the test's nor the flusher's.
  [[nodiscard]] std::size_t senders_threads() const { return thread_count() - before_ - 1; }
  [[nodiscard]] std::size_t settled_senders_threads(std::size_t wanted) const {
    return settled_thread_count(before_ + 1 + wanted) - before_ - 1;
  }
  [[nodiscard]] std::string url(const std::string& query = "") const {
    return "file:" + file_ + query;
  }
  Client open(const std::string& url, ClientOptions options = {}) {
    options.when_full = WhenFull::kBlock;
    return engine_.open(url, options).value();
  }
  std::vector<Client> open_ten(ClientOptions options = {}) {
    std::vector<Client> clients;
    for (int i = 0; i < 10; ++i) clients.push_back(open(url(), options));
    return clients;
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    std::ifstream input(file_);
    for (std::string line; std::getline(input, line);) lines.push_back(line);
    return lines;
  }
  static void close(Client& client, std::uint64_t sent) {
    const Receipt receipt = client.close(60s);
    EXPECT_EQ(receipt.sent, sent);
    EXPECT_EQ(receipt.lost, 0U);
    EXPECT_EQ(client.stats().unexplained(), 0);
  }

  const TempDir directory_;
  const std::string file_ = directory_.file("out");
  const std::size_t before_ = settled_thread_count(1);
  Engine engine_{parts()};
};

TEST_F(ClientsOfOneUrl, HaveOneThreadForTenLoggersOfAFile) {
  std::vector<Client> clients = open_ten();
  EXPECT_EQ(senders_threads(), 1U);
  for (int i = 0; i < 1000; ++i) {
    for (Client& client : clients) METLOG_INFO(client, "line {}", i);
  }
  for (Client& client : clients) EXPECT_TRUE(client.flush(60s));
  EXPECT_THAT(lines(), SizeIs(10'000));
  while (clients.size() > 1) {
    close(clients.back(), 1000);
    clients.pop_back();
    EXPECT_EQ(senders_threads(), 1U) << "the others go on";
    METLOG_INFO(clients.front(), "one more");
    EXPECT_TRUE(clients.front().flush(60s));
  }
  close(clients.front(), 1009);
  EXPECT_EQ(settled_senders_threads(0), 0U);
  EXPECT_THAT(lines(), SizeIs(10'009));
}

TEST_F(ClientsOfOneUrl, HaveOneForEachConnectionOfTheLargestPool) {
  ClientOptions options;
  options.pool_size = 4;
  std::vector<Client> clients = open_ten(options);
  Client small = open(url());
  EXPECT_EQ(senders_threads(), 4U);
  clients.clear();
  EXPECT_EQ(settled_senders_threads(1), 1U);
  METLOG_INFO(small, "line");
  close(small, 1);
}

TEST_F(ClientsOfOneUrl, HaveOneWhateverTheyWriteThere) {
  Client json = open(url());
  Client text = open(url("?format=text"));
  Client with_ids = open(url("?id=1"));
  Client truncating = open(url("?truncate=1"));
  EXPECT_EQ(senders_threads(), 1U);
  Client elsewhere = open(url() + ".other");
  EXPECT_EQ(senders_threads(), 2U);
}

TEST_F(ClientsOfOneUrl, HaveAnotherForSendersWithOtherOptions) {
  Client first = open("udp://127.0.0.1:9?max_datagram=1400");
  Client second = open("udp://127.0.0.1:9?max_datagram=1400&batch=1");
  EXPECT_EQ(senders_threads(), 1U);
  Client third = open("udp://127.0.0.1:9");
  EXPECT_EQ(senders_threads(), 2U);
}

TEST_F(ClientsOfOneUrl, DoNotShareItWithSendersOfTheProgram) {
  Client first = open("null:");
  Client second = open("null:");
  EXPECT_EQ(senders_threads(), 1U);
  const SenderFactory connect = [] { return make_sender("null:"); };
  Client third = engine_.open(connect).value();
  Client fourth = engine_.open(connect).value();
  Client fifth = engine_.open(*make_sender("null:")).value();
  EXPECT_EQ(senders_threads(), 4U);
}

TEST_F(ClientsOfOneUrl, LeaveItWhenTheyMoveElsewhere) {
  std::vector<Client> clients = open_ten();
  for (Client& client : clients) METLOG_INFO(client, "before");
  ClientOptions options;
  options.when_full = WhenFull::kBlock;
  for (Client& client : clients) {
    ASSERT_TRUE(Engine::reconfigure(client, url() + ".other", options).ok());
    METLOG_INFO(client, "after");
  }
  EXPECT_EQ(settled_senders_threads(1), 1U);
  for (Client& client : clients) close(client, 2);
  EXPECT_EQ(settled_senders_threads(0), 0U);
}

TEST_F(ClientsOfOneUrl, HaveOneWhenTheyAreOpenedAtOnce) {
  std::vector<std::thread> threads;
  std::vector<std::optional<Client>> clients(10);
  for (std::optional<Client>& client : clients) {
    threads.emplace_back([&] { client = open(url()); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(settled_senders_threads(1), 1U);
  for (std::optional<Client>& client : clients) close(*client, 0);
}

// Each thread's messages of a client are in order, whatever other clients of the destination do.
TEST_F(ClientsOfOneUrl, KeepTheOrderOfEachThreadAndClient) {
  constexpr int kThreads = 4;
  constexpr int kMessages = 500;
  ClientOptions options;
  options.pool_size = 2;
  options.batch_bytes = 4096;
  std::vector<Client> clients = open_ten(options);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kMessages; ++i) {
        for (std::size_t c = 0; c < clients.size(); ++c) {
          METLOG_INFO(clients[c], "{}.{}.{}", thread, c, 10'000 + i);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (Client& client : clients) close(client, std::uint64_t{kThreads} * kMessages);
  std::map<std::string, std::vector<std::string>> numbers;
  for (const std::string& line : lines()) {
    const std::size_t begin = line.find("\"payload\":\"") + 11;
    const std::string text = line.substr(begin, line.find('"', begin) - begin);
    numbers[text.substr(0, 3)].push_back(text.substr(4));
  }
  EXPECT_THAT(numbers, SizeIs(clients.size() * kThreads));
  for (const auto& [whose, in_order] : numbers) {
    EXPECT_THAT(in_order, SizeIs(kMessages)) << whose;
    EXPECT_TRUE(std::is_sorted(in_order.begin(), in_order.end())) << whose;
  }
}

}  // namespace
}  // namespace metlog
