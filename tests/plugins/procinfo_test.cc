// Statements 219-221 and tests/golden/psutils.json.

#include "metlog/procinfo.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>

#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/plugins/procinfo/connections.h"
#include "metlog/internal/plugins/procinfo/process_files.h"
#include "metlog/internal/plugins/procinfo/process_values.h"
#include "tests/plugins/plugin_world.h"
#include "tests/senders/temp_dir.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kProvider = "metlog_psutils.psutil_plugin:config_plugin";

/// What the recorded program's stub of a process said, by the case's name.
ProcessReading recorded_reading(const std::string& name) {
  if (name == "cpu" || name == "default_pid") return {.cpu = CpuTimes{1.5, 0.25}};
  if (name == "io") return {.io = IoCounts{50, 200, 3115, 5434}};
  if (name == "threads") return {.threads = {{17177, {0.13, 0.02}}, {17178, {1.0, 0.0}}}};
  if (name == "busy") return {.busy = ProcessReading::Busy{1.75, 10.5}};
  return {};
}

TEST(ProcInfo, SendsTheRecordedMessages) {
  int compared = 0;
  for (const ValueMap& one : cases_of(golden("psutils.json"))) {
    if (!one.contains("messages")) continue;
    const std::string name = text_in(one, "name");
    SCOPED_TRACE(name);
    const ValueList& recorded = *at(one, "messages").as_list();
    PluginWorld world;
    send_values(world.client(), values_of(recorded_reading(name)), "my.host.name",
                name == "default_pid" ? 4242 : 9973);
    const std::vector<ValueMap> sent = world.messages(recorded.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
      for (const ValueEntry& entry : *recorded[i].as_map()) {
        EXPECT_EQ(at(sent[i], entry.key), entry.value) << entry.key;
      }
    }
    ++compared;
  }
  EXPECT_EQ(compared, 6);
}

TEST(ProcInfo, CountsTheRecordedConnections) {
  int compared = 0;
  for (const ValueMap& one : cases_of(golden("psutils.json"))) {
    if (!one.contains("network_data")) continue;
    SCOPED_TRACE(text_in(one, "name"));
    std::vector<Connection> connections;
    for (const Value& each : *at(one, "network_data").as_list()) {
      const ValueMap& row = *each.as_map();
      connections.push_back(
          {text_in(row, "local"), text_in(row, "remote"), text_in(row, "status")});
    }
    std::vector<std::string> servers;
    const Value& given = at(one, "server_addr");
    if (given.as_text() != nullptr) servers.push_back(*given.as_text());
    if (given.as_list() != nullptr) {
      for (const Value& each : *given.as_list()) servers.push_back(*each.as_text());
    }
    std::vector<ConnectionCount> recorded;
    for (const Value& each : *at(one, "output_sorted_by_key").as_list()) {
      const ValueMap& row = *each.as_map();
      recorded.push_back({text_in(row, "key"), *at(row, "value").as_integer()});
    }
    EXPECT_EQ(count_connections(connections, servers), recorded);
    ++compared;
  }
  EXPECT_EQ(compared, 4);
}

TEST(ProcInfo, RefusesEveryParameter) {
  PluginWorld world;
  EXPECT_THAT(std::string(world.add(kProvider, {{"net", true}}).message()),
              HasSubstr("Invalid arguments: {'net': True}"));
  EXPECT_TRUE(world.add(kProvider, {{"net", nullptr}}).ok());
  world.messages(0);
}

TEST(ProcInfo, ReadsAroundAnyNameOfAProgram) {
  const std::string rest =
      " S 1 1 1 0 -1 4194304 101 0 0 0 150 25 0 0 20 0 1 0 4200 3133440 383 1 0 0 0\n";
  for (const char* const name : {"cat", "(a b) c)", "", ") S 9 9", "a\nb", "x y z 1 2 3"}) {
    const absl::StatusOr<ProcessStat> stat = parse_stat("7 (" + std::string(name) + ")" + rest);
    ASSERT_TRUE(stat.ok()) << name << stat.status();
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    EXPECT_EQ(stat->cpu.user_s, 150 / ticks);
    EXPECT_EQ(stat->cpu.sys_s, 25 / ticks);
    EXPECT_EQ(stat->start_s, 4200 / ticks);
  }
  for (const char* const bad : {"", "7 cat S 1", "7 (cat)", "7 (cat) S 1 1 1", "7 (cat)\n"}) {
    EXPECT_EQ(parse_stat(bad).status().code(), absl::StatusCode::kInternal) << bad;
  }
}

/// A directory like /proc with one process, 7.
struct FakeProc {
  TempDir directory;

  FakeProc() {
    std::filesystem::create_directories(directory.file("7/task/7"));
    std::filesystem::create_directories(directory.file("7/task/11"));
    std::filesystem::create_directories(directory.file("7/task/ended"));
    std::filesystem::create_directories(directory.file("7/fd"));
    std::filesystem::create_directories(directory.file("7/net"));
    write_content(directory.file("meminfo"), "MemFree: 1 kB\nMemTotal:       4096 kB\n");
    const std::string rest = " S 1 1 1 0 -1 4194304 1 0 0 0 100 200 0 0 20 0 1 0 300 1 1\n";
    write_content(directory.file("7/stat"), "7 (a b) c))" + rest);
    write_content(directory.file("7/task/7/stat"), "7 (a b) c))" + rest);
    write_content(directory.file("7/task/11/stat"), "11 (worker)" + rest);
    write_content(directory.file("7/statm"), "512 256 3 4 0 5 0\n");
    write_content(directory.file("7/io"),
                  "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\n");
  }
  [[nodiscard]] ProcessFiles process() const { return {directory.path().string(), 7}; }
};

TEST(ProcInfo, ReadsTheFilesOfAProcess) {
  const FakeProc proc;
  const IoCounts io = proc.process().io().value();
  EXPECT_EQ(io.read_bytes, 5);
  EXPECT_EQ(io.write_bytes, 6);
  EXPECT_EQ(io.read_count, 3);
  EXPECT_EQ(io.write_count, 4);
  const MemorySizes memory = proc.process().memory().value();
  EXPECT_EQ(memory.vms_bytes, 512 * ::sysconf(_SC_PAGESIZE));
  EXPECT_EQ(memory.rss_bytes, 256 * ::sysconf(_SC_PAGESIZE));
  EXPECT_EQ(memory.percent, 100.0 * static_cast<double>(memory.rss_bytes) / (4096 * 1024));
  const std::vector<ThreadTimes> threads = proc.process().threads().value();
  ASSERT_EQ(threads.size(), 2U);
  EXPECT_EQ(threads[0].id, 7);
  EXPECT_EQ(threads[1].id, 11);
}

TEST(ProcInfo, SaysWhichFileCannotBeRead) {
  const FakeProc proc;
  std::filesystem::remove(proc.directory.file("7/io"));
  EXPECT_THAT(std::string(proc.process().io().status().message()), HasSubstr("/7/io: "));
  const ProcessFiles none(proc.directory.path().string(), 8);
  EXPECT_EQ(none.stat().status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(none.stat().status().message()), HasSubstr("there is no process 8"));
  write_content(proc.directory.file("7/statm"), "none\n");
  EXPECT_THAT(std::string(proc.process().memory().status().message()), HasSubstr("statm lacks"));
}

TEST(ProcInfo, ReadsTheTablesOfSockets) {
  Connection connection;
  std::string inode;
  const auto read = [&](const char* line, bool is_tcp) {
    return parse_connection(line, is_tcp, connection, inode);
  };
  EXPECT_FALSE(read("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when", true));
  EXPECT_FALSE(read("", true));
  EXPECT_FALSE(read("0: 0100007F:C357 0100:0000 0A 0:0 0:0 0 0 0 42 1", true));
  ASSERT_TRUE(read("0: 0100007F:C357 00000000:0000 0A 0:0 0:0 0 0 0 42 1", true));
  EXPECT_EQ(connection.local, "127.0.0.1:50007");
  EXPECT_EQ(connection.remote, "*:*");
  EXPECT_EQ(connection.status, "LISTEN");
  EXPECT_EQ(inode, "42");
  ASSERT_TRUE(read("1: 0500000A:80E8 08080808:01BB 08 0:0 0:0 0 0 0 43 1", true));
  EXPECT_EQ(connection.local, "10.0.0.5:33000");
  EXPECT_EQ(connection.remote, "8.8.8.8:443");
  EXPECT_EQ(connection.status, "CLOSE_WAIT");
  ASSERT_TRUE(
      read("2: 00000000000000000000000001000000:0050 "
           "00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 44 1",
           true));
  EXPECT_EQ(connection.local, "::1:80");
  ASSERT_TRUE(read("3: 00000000:14E9 00000000:0000 07 0:0 0:0 0 0 0 45 2", false));
  EXPECT_EQ(connection.local, "0.0.0.0:5353");
  EXPECT_EQ(connection.status, "");
  EXPECT_THAT(count_connections({connection}, {}),
              ElementsAre(ConnectionCount{"0_0_0_0:5353.UDP", 1}));
}

TEST(ProcInfo, CountsAServersConnectionsAtItsAddressInAnyOrder) {
  const Connection listening{"127.0.0.1:80", "*:*", "LISTEN"};
  const Connection accepted{"127.0.0.1:80", "10.0.0.9:4000", "ESTABLISHED"};
  const Connection client{"10.0.0.5:33000", "8.8.8.8:443", "ESTABLISHED"};
  const auto counts = ElementsAre(ConnectionCount{"127_0_0_1:80.ESTABLISHED", 2},
                                  ConnectionCount{"127_0_0_1:80.LISTEN", 1},
                                  ConnectionCount{"8_8_8_8:443.ESTABLISHED", 1});
  EXPECT_THAT(count_connections({listening, accepted, accepted, client}, {}), counts);
  EXPECT_THAT(count_connections({client, accepted, accepted, listening}, {}), counts);
}

TEST(ProcInfo, TakesAddressesOfServers) {
  EXPECT_EQ(numeric_address("127.0.0.1:80").value(), "127.0.0.1:80");
  EXPECT_EQ(numeric_address("[::1]:80").value(), "::1:80");
  for (const char* const bad : {"", "80", "host", ":80", "host:"}) {
    EXPECT_THAT(std::string(numeric_address(bad).status().message()), HasSubstr("names no port"));
  }
}

/// The messages of a group, by `fields.name`.
std::map<std::string, ValueMap> by_name(const std::vector<ValueMap>& messages) {
  std::map<std::string, ValueMap> named;
  for (const ValueMap& one : messages) {
    EXPECT_EQ(text_in(one, "type"), "procinfo");
    EXPECT_TRUE(at(one, "payload").as_real() != nullptr ||
                at(one, "payload").as_integer() != nullptr);
    named[text_in(map_in(one, "fields"), "name")] = one;
  }
  return named;
}

TEST(ProcInfo, ReadsItsOwnProcess) {
  PluginWorld world;
  ASSERT_TRUE(world.add(kProvider, {}).ok());
  const absl::StatusOr<Value> answer =
      world.client().call("procinfo", {{}, {{"cpu", true}, {"mem", 1}, {"io", true}}});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->is_null());
  const auto sent = by_name(world.messages(9));
  EXPECT_EQ(sent.size(), 9U);
  char host[256] = {};
  ASSERT_EQ(::gethostname(host, sizeof host - 1), 0);
  std::string name(host);
  std::replace(name.begin(), name.end(), '.', '_');
  EXPECT_EQ(text_in(map_in(sent.at("user"), "fields"), "logger"),
            "psutil.cpu." + name + "." + std::to_string(::getpid()));
  EXPECT_GT(*at(sent.at("rss"), "payload").as_integer(), 0);
  const double percent = *at(sent.at("pcnt"), "payload").as_real();
  EXPECT_GT(percent, 0.0);
  EXPECT_LT(percent, 100.0);
}

TEST(ProcInfo, ReadsHowBusyItIs) {
  PluginWorld world;
  ASSERT_TRUE(send_procinfo(world.client(), {.busy = true}).ok());
  const auto sent = by_name(world.messages(3));
  EXPECT_GE(*at(sent.at("uptime"), "payload").as_real(), 0.0);
  EXPECT_GE(*at(sent.at("pcnt"), "payload").as_real(), 0.0);
  EXPECT_EQ(at(map_in(sent.at("total_cpu"), "fields"), "rate"), Value(1));
}

TEST(ProcInfo, ReadsItsThreads) {
  PluginWorld world;
  ASSERT_TRUE(send_procinfo(world.client(), {.threads = true}).ok());
  const auto threads = by_name(world.messages(2));  // of the only thread
  EXPECT_EQ(threads.count(std::to_string(::getpid()) + ".sys"), 1U);
  EXPECT_EQ(threads.count(std::to_string(::getpid()) + ".user"), 1U);
}

/// A socket of 127.0.0.1, bound, and its address.
struct BoundSocket {
  UniqueFd socket;
  sockaddr_in address{};

  explicit BoundSocket(int type) : socket(::socket(AF_INET, type, 0)) {
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  }
  [[nodiscard]] std::string key(const char* status) const {
    return "127_0_0_1:" + std::to_string(ntohs(address.sin_port)) + "." + status;
  }
};

TEST(ProcInfo, CountsItsOwnSockets) {
  const BoundSocket server(SOCK_STREAM);
  ASSERT_EQ(::listen(server.socket.get(), 4), 0);
  const BoundSocket datagrams(SOCK_DGRAM);
  const UniqueFd client(::socket(AF_INET, SOCK_STREAM, 0));
  ASSERT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&server.address),
                      sizeof server.address),
            0);
  const UniqueFd accepted(::accept(server.socket.get(), nullptr, nullptr));
  const UniqueFd again(::dup(accepted.get()));
  ASSERT_TRUE(again.is_open());
  std::map<std::string, std::int64_t> counts;
  // A row may be missing when the kernel's table changes while it is read.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  const auto is_complete = [&] {
    return counts[server.key("LISTEN")] == 1 && counts[server.key("ESTABLISHED")] == 2 &&
           counts[datagrams.key("UDP")] == 1;
  };
  while (!is_complete() && std::chrono::steady_clock::now() < deadline) {
    counts.clear();
    for (const ConnectionCount& one :
         count_connections(connections_of(ProcessFiles("/proc", ::getpid())).value(), {})) {
      counts[one.key] = one.count;
    }
  }
  EXPECT_EQ(counts[server.key("LISTEN")], 1);
  EXPECT_EQ(counts[server.key("ESTABLISHED")], 2) << "the accepted one, and the client's remote";
  EXPECT_EQ(counts[datagrams.key("UDP")], 1);
}

TEST(ProcInfo, SendsAllOrNothing) {
  PluginWorld world;
  ASSERT_TRUE(world.add(kProvider, {}).ok());
  EXPECT_TRUE(world.client().call("procinfo").ok()) << "nothing is chosen";
  EXPECT_TRUE(send_procinfo(world.client(), {.pid = INT32_MAX}).ok());
  const auto code = [&](const ValueMap& named) {
    return world.client().call("procinfo", {{}, named}).status().code();
  };
  EXPECT_EQ(code({{"cpu", true}, {"pid", INT32_MAX}}), absl::StatusCode::kNotFound);
  EXPECT_EQ(code({{"cpu", true}, {"net", true}, {"server_addr", "nowhere"}}),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({{"cpu", "yes"}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({{"cpu", true}, {"pid", -1}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({{"cpus", true}}), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(world.messages(0), IsEmpty());
}

}  // namespace
}  // namespace metlog
