#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/base/clock.h"
#include "metlog/metlog.h"
#include "senders/sender/capture_sender.h"

namespace metlog {

/// The options of a TestEngine.
struct TestEngineOptions {
  ClientOptions client = {.logger = "tests"};
  EngineOptions engine = {.session_directory = "none"};
  std::unique_ptr<Clock> clock = nullptr;  // null: a FakeClock at kGoldenNs
  Engine::Threads threads = Engine::Threads::kNone;
};

/// An engine that is stepped, and one client of it whose messages are captured. Its end asserts
/// the ledger's identity against a count that the test keeps by itself: every log() is one call.
class TestEngine {
 public:
  TestEngine() : TestEngine(TestEngineOptions{}) {}
  explicit TestEngine(TestEngineOptions options);
  ~TestEngine();
  TestEngine(const TestEngine&) = delete;
  TestEngine& operator=(const TestEngine&) = delete;

  /// The client, for exactly one admitted call.
  Client& log() {
    // relaxed: a counter
    calls_.fetch_add(1, std::memory_order_relaxed);
    return *client_;
  }
  /// The client, for anything else; pass the number of admitted calls to expect().
  Client& client() { return *client_; }
  void expect(std::uint64_t calls) { calls_.fetch_add(calls, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t calls() const { return calls_.load(std::memory_order_relaxed); }

  Engine& engine() { return *engine_; }
  Capture& capture() { return *capture_; }

  /// Steps until nothing moves any more and returns all messages so far.
  std::vector<std::string> settle();
  /// Checks what must be true at the end of a test; the destructor calls it if the test does not.
  void finish();

 private:
  std::shared_ptr<Capture> capture_ = std::make_shared<Capture>();
  std::unique_ptr<Engine> engine_;
  std::optional<Client> client_;
  std::atomic<std::uint64_t> calls_{0};
  const bool is_text_;
  const bool is_other_;  // than a whole envelope or line
  bool finished_ = false;
};

/// Steps an engine without threads until nothing moves any more.
void step_until_quiet(Engine& engine);

/// A message as the engine writes it for pid 4242 on host.example at the golden time, logger
/// "tests". `payload` and `fields` are JSON; fields without their braces.
std::string envelope(std::string_view type, int severity, std::string_view payload,
                     std::string_view fields = "");

}  // namespace metlog
