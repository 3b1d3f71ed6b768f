// What does a message_matcher cost a message? The expression is hekad's example of a selective one.
//   evaluate              the message is decoded already
//   decode_and_evaluate   the message is decoded for it
//   decode_only           what of that is decoding
//   envelope              as evaluate, of an expression that names no field
//   regular_expression    as evaluate, of one that RE2 has to run
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/router/decode/decoder.h"
#include "tools/router/match/message_matcher.h"

namespace metlog {
namespace {

constexpr std::string_view kTimersOfTheDatabase = R"(Type == 'timer' && Fields[name] =~ /^db\./)";

/// Timers of about 250 bytes; half of them match.
std::vector<std::string> messages() {
  std::vector<std::string> texts;
  for (int i = 0; i < 1000; ++i) {
    texts.push_back(
        R"({"type":"timer","logger":"shop.checkout","severity":6,"env_version":"0.8",)"
        R"("metlog_pid":4711,"metlog_hostname":"server-7","timestamp":"2026-01-18T12:34:56.)" +
        std::to_string(100'000 + i) + R"(Z","payload":"17","fields":{"logger":"shop","name":")" +
        (i % 2 == 0 ? "db." : "web") + R"(orders.by_user","rate":1,"user":)" + std::to_string(i) +
        "}}");
    texts.back().reserve(texts.back().size() + kFramePadding);
  }
  return texts;
}

const MessageMatcher& compiled(std::string_view text) {
  static std::vector<std::unique_ptr<MessageMatcher>> all;
  all.push_back(std::make_unique<MessageMatcher>(*MessageMatcher::compile(text)));
  return *all.back();
}

void match_decoded(benchmark::State& state, std::string_view expression) {
  const std::vector<std::string> texts = messages();
  const MessageMatcher& matcher = compiled(expression);
  Decoder decoder({});
  MessageMemory memory;
  std::vector<DecodedMessage> decoded(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (decoder.decode({texts[i], texts[i].size()}, decoded[i], memory)) {
      state.SkipWithError("rejected");
    }
  }
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(matcher.matches(decoded[next]));
    next = next + 1 == decoded.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(state.iterations());
}

void match_new(benchmark::State& state, const MessageMatcher* matcher) {
  const std::vector<std::string> texts = messages();
  Decoder decoder({});
  DecodedMessage message;
  std::size_t next = 0;
  for (auto _ : state) {
    const std::string& text = texts[next];
    next = next + 1 == texts.size() ? 0 : next + 1;
    if (decoder.decode({text, text.size()}, message)) state.SkipWithError("rejected");
    if (matcher != nullptr) benchmark::DoNotOptimize(matcher->matches(message));
  }
  state.SetItemsProcessed(state.iterations());
}

void evaluate(benchmark::State& state) { match_decoded(state, kTimersOfTheDatabase); }
void decode_and_evaluate(benchmark::State& state) {
  match_new(state, &compiled(kTimersOfTheDatabase));
}
void decode_only(benchmark::State& state) { match_new(state, nullptr); }
void envelope(benchmark::State& state) {
  match_decoded(state, "Type == 'timer' && Severity <= 6 && Logger =~ /checkout/");
}
void regular_expression(benchmark::State& state) {
  match_decoded(state, "Type == 'timer' && Fields[name] =~ /q.*rs\\.[a-z]+$/");
}

BENCHMARK(evaluate);
BENCHMARK(decode_and_evaluate);
BENCHMARK(decode_only);
BENCHMARK(envelope);
BENCHMARK(regular_expression);

}  // namespace
}  // namespace metlog
