#include "tests/faults/stepped_program.h"

#include <filesystem>
#include <string>
#include <thread>
#include <utility>

#include "metlog/internal/base/ticks.h"
#include "metlog/internal/emit/emit.h"
#include "metlog/internal/ring/record_bytes.h"
#include "metlog/internal/site/site_registry.h"
#include "tests/faults/arrivals.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

// The same name for the program and, where its files have been copied to, for the recovery.
constexpr const char* kLog = "file:/proc/self/cwd/log.jsonl";

ClientOptions options_of(unsigned lane, ClientOptions options = {}) {
  options.logger = "lane" + std::to_string(lane);
  // Small batches, which are used again soon.
  options.batch_bytes = 1000;
  options.batch_count = 2;
  return options;
}

}  // namespace

SteppedProgram::SteppedProgram(Oracle& oracle, unsigned seed, std::size_t spare_rings)
    : random_(seed), oracle_(oracle) {
  options_.session_directory = std::filesystem::current_path() / "sessions";
  options_.ring_bytes = 4096;  // 64 cells
  options_.spare_rings = spare_rings;
}

SteppedProgram::~SteppedProgram() = default;

/// Runs a part of the program, after every instruction of which the test looks.
void SteppedProgram::stepped(const std::function<void()>& part) {
  oracle_.word() = 1;
  ::raise(SIGTRAP);
  part();
  oracle_.word() = 0;
}

void SteppedProgram::start() {
  engine_ = std::make_unique<Engine>(
      Engine::Parts{options_, Engine::Threads::kNone, nullptr, nullptr, 0, ""});
}

void SteppedProgram::open(unsigned lane, ClientOptions options) {
  clients_.at(lane) =
      std::make_unique<Client>(engine_->open(kLog, options_of(lane, std::move(options))).value());
}

void SteppedProgram::log(unsigned lane, std::size_t padding) {
  const std::string payload = keyed_payload(lane, oracle_.returned(lane), padding);
  oracle_.begin(lane);
  METLOG_INFO(*clients_.at(lane), "{}", payload, kv("in", round_));
  oracle_.end(lane);
}

void SteppedProgram::log_stepped(unsigned lane, std::size_t padding) {
  // Made before, or most of the instructions would be of this.
  const std::string payload = keyed_payload(lane, oracle_.returned(lane), padding);
  stepped([&] {
    oracle_.begin(lane);
    METLOG_INFO(*clients_.at(lane), "{}", payload, kv("in", round_));
    oracle_.end(lane);
  });
}

/// Registers a call site, as a library does that is loaded, and makes a call there.
void SteppedProgram::log_from(const Site& site, unsigned lane) {
  const std::string payload = keyed_payload(lane, oracle_.returned(lane));
  static SiteGate gate{};
  stepped([&] {
    const std::uint32_t id = register_site(site, gate, &g_this_library);
    oracle_.begin(lane);
    const auto size = static_cast<std::uint32_t>(payload.size());
    const Bytes pieces[] = {{&size, sizeof size}, {payload.data(), size}};
    emit_record({lane, id, Priority::kNormal, steady_ticks()},
                {pieces, 2, sizeof size + payload.size()});
    oracle_.end(lane);
  });
}

void SteppedProgram::stop() {
  for (auto& client : clients_) client.reset();
  engine_.reset();
}

void SteppedProgram::settle() { step_until_quiet(*engine_); }

/// Bytes that a call may have beside its number: one cell, mostly, or some, or more than a call
/// writes without the cold path.
std::size_t SteppedProgram::any_padding() {
  switch (any(8)) {
    case 0:
      return any(400);
    case 1:
      return 60 + any(60);
    case 2:
      return 1800 + any(900);
    default:
      return any(8);
  }
}

/// A context with one field. Each call in it says what the field must be.
class SteppedProgram::Context {
 public:
  Context(int round, int& current) : context_({{"round", round}}), current_(current) {
    current_ = round;
  }
  ~Context() { current_ = 0; }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

 private:
  ScopedContext context_;
  int& current_;
};

std::unique_ptr<SteppedProgram::Context> SteppedProgram::any_context() {
  if (any(2) == 0) return nullptr;
  return std::make_unique<Context>(1 + static_cast<int>(any(1000)), round_);
}

void SteppedProgram::write() {
  start();
  open(0);
  log(0, 0);
  for (int round = 0; round < 12; ++round) {
    const std::unique_ptr<Context> context = any_context();
    for (unsigned i = 1 + any(8); i != 0; --i) log_stepped(0, any_padding());
    if (any(3) != 0) settle();
  }
}

void SteppedProgram::begin() {
  start();
  open(0);
  log_stepped(0, 0);
  stepped([&] { open(1); });
  log_stepped(1, 100);
  static constexpr std::array<ArgSpec, 1> kText{ArgSpec{ArgRole::kText, 0, "s"}};
  log_from({"{}", "late.cc", "late", kText.data(), 2, 7, 1, SiteKind::kLog, Severity::kInfo}, 1);
  log_stepped(0, 0);
}

void SteppedProgram::succeed() {
  start();
  open(0);
  open(1);  // a lane of its own, as what a thread lost last has no mark when another one logs
  for (int round = 0; round < 2; ++round) {
    std::thread([&] {
      const std::unique_ptr<Context> context = any_context();
      for (unsigned i = 1 + any(20); i != 0; --i) log(0, any_padding());
    }).join();
    if (round == 0) settle();
  }
  stepped([&] { engine_->step(); });
  log_stepped(1, 0);
  log_stepped(1, 100);
  stepped([&] { engine_->step(); });
}

void SteppedProgram::grow() {
  start();
  ClientOptions options;
  options.when_full = WhenFull::kGrow;
  open(0, options);
  const Context context(7, round_);  // said in the first ring only
  log(0, 0);
  for (unsigned i = 3 + any(3); i != 0; --i) log(0, 2500);  // some 46 cells each
  for (unsigned i = 0; i < 7; ++i) log_stepped(0, i % 4 != 0 ? 2500 : any(100));
  for (int round = 0; round < 2; ++round) stepped([&] { engine_->step(); });
}

void SteppedProgram::grow_in_pool() {
  start();
  ClientOptions options;
  options.when_full = WhenFull::kGrow;
  options.pool_size = 2;
  open(0, options);
  for (unsigned i = 9 + any(9); i != 0; --i) log(0, 2500);
  log_stepped(0, 0);
  stepped([&] { engine_->step(); });
}

void SteppedProgram::flush() {
  start();
  open(0);
  for (unsigned round = 0; round < 4; ++round) {
    const std::unique_ptr<Context> context = any_context();
    for (unsigned i = 1 + any(3); i != 0; --i) log(0, any_padding());
    if (round == 1) {
      for (int i = 0; i < 3; ++i) log(0, 2500);  // more than the ring takes
      stepped([&] { engine_->step(); });
      log(0, 0);  // after a loss mark
    }
    stepped([&] { engine_->step(); });
  }
}

void SteppedProgram::reopen() {
  start();
  open(0);
  for (unsigned i = 1 + any(3); i != 0; --i) log(0, any_padding());
  stepped([&] { clients_.at(0).reset(); });
  stepped([&] { open(1); });
  log_stepped(1, 0);
  log_stepped(1, 100);
  stepped([&] { engine_->step(); });
}

void SteppedProgram::end() {
  start();
  open(0);
  open(1);
  for (unsigned i = 0; i < 3; ++i) log(i % 2, any_padding());
  for (int i = 0; i < 3; ++i) log(1, 2500);  // more than the ring takes
  stepped([&] { (void)Engine::reconfigure(*clients_.at(0), kLog, options_of(0)); });
  for (unsigned i = 0; i < 3; ++i) log(i % 2, any_padding());
  stepped([&] { stop(); });
}

void SteppedProgram::live() {
  start();
  open(0);
  open(1, {.when_full = WhenFull::kGrow});
  for (unsigned round = 0; round < 4; ++round) {
    const std::unique_ptr<Context> context = any_context();
    for (unsigned lane = 0; lane < 2; ++lane) {
      for (unsigned i = 1 + any(3); i != 0; --i) log(lane, any_padding());
    }
    // More than the ring takes: the second client makes it grow, the first loses some.
    if (round != 0) {
      for (int i = 0; i < 3; ++i) log(round % 2, 2500);
    }
    settle();
  }
  std::thread([&] { log(0, 0); }).join();
  (void)Engine::reconfigure(*clients_.at(0), kLog, options_of(0));
  log(0, any_padding());
  log(1, any_padding());
  stop();
}

}  // namespace metlog
