#include "bench/host_cost/metlogd_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include "metlog/internal/config/json_reader.h"

namespace metlog {
namespace {

constexpr std::chrono::seconds kStartLimit{10};
constexpr std::chrono::milliseconds kLookInterval{2};

[[noreturn]] void run_metlogd(std::vector<std::string>& arguments) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpgid(0, 0);  // Ctrl-C is for the benchmark, which ends it when its messages are there
  const int null = open("/dev/null", O_WRONLY);
  dup2(null, STDOUT_FILENO);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  execv(argv.front(), argv.data());
  _exit(127);
}

bool has_ended(pid_t process) {
  int status = 0;
  return waitpid(process, &status, WNOHANG) == process;
}

std::string contents_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::uint64_t count_in(const ValueMap& map, std::string_view key) {
  const Value* const value = map.find(key);
  const std::int64_t* const number = value == nullptr ? nullptr : value->as_integer();
  return number == nullptr ? 0 : static_cast<std::uint64_t>(*number);
}

MetlogdProcess::Account account_of(const ValueMap& ledger) {
  MetlogdProcess::Account account;
  account.rejected = count_in(ledger, "rejected");
  account.lost = count_in(ledger, "lost");
  account.unexplained = static_cast<std::int64_t>(count_in(ledger, "unexplained"));
  if (const Value* const sequence = ledger.find("sequence");
      sequence != nullptr && sequence->as_map() != nullptr) {
    account.missing = count_in(*sequence->as_map(), "missing");
  }
  const Value* const outputs = ledger.find("outputs");
  if (outputs == nullptr || outputs->as_list() == nullptr) return account;
  for (const Value& output : *outputs->as_list()) {
    if (output.as_map() != nullptr) {
      account.written_by.push_back(count_in(*output.as_map(), "written"));
    }
  }
  return account;
}

}  // namespace

absl::StatusOr<std::unique_ptr<MetlogdProcess>> MetlogdProcess::start(
    const std::string& program, const std::string& directory, std::vector<std::string> options) {
  const std::string ready = directory + "/ready";
  const std::string ledger = directory + "/ledger.json";
  options.insert(options.begin(), {program, "--zmq", "tcp://127.0.0.1:*", "--udp", "none",
                                   "--quiet", "--ready-file", ready, "--ledger-json", ledger});
  const pid_t id = fork();
  if (id == 0) run_metlogd(options);
  if (id < 0) return absl::UnavailableError("cannot fork for metlogd");
  std::unique_ptr<MetlogdProcess> metlogd(new MetlogdProcess(id, ledger));
  const auto deadline = std::chrono::steady_clock::now() + kStartLimit;
  // The file appears whole.
  while (!(std::ifstream(ready) >> metlogd->endpoint_)) {
    const bool ended = has_ended(id);
    if (ended) metlogd->id_ = 0;
    if (ended || std::chrono::steady_clock::now() > deadline) {
      return absl::UnavailableError("'" + program + "' does not listen; start it by hand to see " +
                                    "why, or name another with --metlogd");
    }
    std::this_thread::sleep_for(kLookInterval);
  }
  return metlogd;
}

MetlogdProcess::~MetlogdProcess() {
  if (id_ == 0) return;
  kill(id_, SIGKILL);
  waitpid(id_, nullptr, 0);
}

absl::StatusOr<MetlogdProcess::Account> MetlogdProcess::stop() {
  kill(id_, SIGTERM);
  int status = 0;
  while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
  }
  id_ = 0;
  const absl::StatusOr<Value> ledger = parse_json(contents_of(ledger_), ledger_);
  if (!ledger.ok() || ledger->as_map() == nullptr) {
    return absl::UnavailableError("metlogd left no ledger: " +
                                  std::string(ledger.status().message()));
  }
  return account_of(*ledger->as_map());
}

}  // namespace metlog
