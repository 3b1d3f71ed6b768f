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

[[noreturn]] void run_metlogd(const std::string& program, const std::string& ready,
                              const std::string& ledger, const std::string& out) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpgid(0, 0);  // Ctrl-C is for the benchmark, which ends it when its messages are there
  const int null = open("/dev/null", O_WRONLY);
  dup2(null, STDOUT_FILENO);
  execl(program.c_str(), program.c_str(), "--zmq", "tcp://127.0.0.1:*", "--udp", "none", "--quiet",
        "--out", out.c_str(), "--ready-file", ready.c_str(), "--ledger-json", ledger.c_str(),
        nullptr);
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

}  // namespace

absl::StatusOr<std::unique_ptr<MetlogdProcess>> MetlogdProcess::start(const std::string& program,
                                                                      const std::string& directory,
                                                                      const std::string& out) {
  const std::string ready = directory + "/ready";
  const std::string ledger = directory + "/ledger.json";
  const pid_t id = fork();
  if (id == 0) run_metlogd(program, ready, ledger, out);
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
  return Account{count_in(*ledger->as_map(), "rejected"), count_in(*ledger->as_map(), "lost")};
}

}  // namespace metlog
