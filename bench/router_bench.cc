// How many messages a second does the router take? Its decoder alone; the whole router with a null
// output; with a file. From memory: no sockets. Plain frames, and batched ones of 64 KiB.
//
// Messages are as the engine writes them and come from one call site: `own`. Others are
//   many_sites  from 40 call sites
//   new_shapes  each from a logger of its own, so that the envelope cache never knows them
//   foreign     with the keys in another order, those with changing values between the others
//   parsed      as foreign, with a tab, which only the general parser (simdjson) accepts
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "metlog/internal/codec/frame_header.h"
#include "metlog/make_sender.h"
#include "tools/router/output/message_encoder.h"
#include "tools/router/router.h"

namespace metlog {
namespace {

constexpr std::size_t kMessages = 20'000;
constexpr std::size_t kFrameBytes = 64 * 1024;

enum class Form { kOwn, kManySites, kNewShapes, kForeign, kParsed };

/// The number that tells the sites of a form apart; 0 when there is one.
std::size_t site_of(std::size_t i, Form form) {
  if (form == Form::kNewShapes) return i + 1;
  // 8 loggers and 5 fields, in turns without a pattern.
  return form == Form::kManySites ? i * 7919 % 1009 % 40 : 0;
}

/// A message of about 250 bytes.
std::string message(std::size_t i, Form form) {
  const std::size_t site = site_of(i, form);
  const std::string time =
      R"("timestamp":"2026-01-18T12:34:56.)" + std::to_string(100'000 + i) + R"(Z",)";
  const std::string changing = R"("payload":"order )" + std::to_string(1'000'000 + i) +
                               R"( paid in 17.25 ms","fields":{"user)" +
                               (site == 0 ? std::string() : std::to_string(site / 8)) + R"(":)" +
                               std::to_string(i) + R"(,"amount":12.5,"country":"de"})";
  const std::size_t logger = form == Form::kNewShapes ? site : site % 8;
  const std::string client = R"("logger":"shop.checkout)" +
                             (site == 0 ? std::string() : std::to_string(logger)) +
                             R"(","severity":6,)";
  const std::string process =
      R"("env_version":"0.8","metlog_pid":4711,"metlog_hostname":"server-7")";
  const std::string type = R"("type":"oldstyle",)";
  if (form != Form::kForeign && form != Form::kParsed)
    return "{" + type + client + process + "," + time + changing + "}";
  return (form == Form::kParsed ? "{\t" : "{") + type + time + client + changing + "," + process +
         "}";
}

std::vector<std::string> plain_frames(Form form) {
  std::vector<std::string> frames;
  for (std::size_t i = 0; i < kMessages; ++i) {
    frames.push_back(message(i, form));
    frames.back().reserve(frames.back().size() + kFramePadding);
  }
  return frames;
}

std::vector<std::string> batched_frames(Form form) {
  std::vector<std::string> frames;
  FrameHeader header;
  std::string body;
  const auto end_frame = [&] {
    header.body_bytes = static_cast<std::uint32_t>(body.size());
    std::string frame(FrameHeader::kBytes, '\0');
    header.write(reinterpret_cast<unsigned char*>(frame.data()), body, 0);
    frames.push_back(frame.append(body));
    header.count = 0;
    body.clear();
  };
  for (std::size_t i = 0; i < kMessages; ++i) {
    body.append(message(i, form)).append("\n");
    ++header.count;
    if (body.size() > kFrameBytes - 300) end_frame();
  }
  end_frame();
  return frames;
}

/// Delivers the same frames again and again.
class MemoryInput : public Input {
 public:
  explicit MemoryInput(std::vector<std::string> frames) : frames_(std::move(frames)) {}

  std::size_t poll(FrameSink& sink, std::size_t max_frames) override {
    std::size_t taken = 0;
    for (bool more = true; more && taken < max_frames; ++taken) {
      const std::string& frame = frames_[next_];
      next_ = (next_ + 1) % frames_.size();
      more = sink.take({frame, frame.size()});
    }
    counts_.frames += taken;
    return taken;
  }
  [[nodiscard]] InputCounts counts() const override { return counts_; }
  [[nodiscard]] const std::string& endpoint() const override { return endpoint_; }
  [[nodiscard]] PollHandle poll_handle() const override { return {nullptr, -1}; }

 private:
  const std::vector<std::string> frames_;
  const std::string endpoint_ = "memory:";
  std::size_t next_ = 0;
  InputCounts counts_;
};

void decode(benchmark::State& state, Form form) {
  const std::vector<std::string> frames = plain_frames(form);
  Decoder decoder({});
  DecodedMessage message;
  std::size_t next = 0;
  for (auto _ : state) {
    const std::string& text = frames[next];
    next = (next + 1) % frames.size();
    if (decoder.decode({text, text.size()}, message)) state.SkipWithError("rejected");
  }
  state.SetItemsProcessed(state.iterations());
}

/// Decodes and reads a field, the last of three, as a matcher does.
void read_field(benchmark::State& state, Form form) {
  const std::vector<std::string> frames = plain_frames(form);
  Decoder decoder({});
  DecodedMessage message;
  std::size_t next = 0;
  for (auto _ : state) {
    const std::string& text = frames[next];
    next = (next + 1) % frames.size();
    if (decoder.decode({text, text.size()}, message)) state.SkipWithError("rejected");
    benchmark::DoNotOptimize(message.field("country").text.size());
  }
  state.SetItemsProcessed(state.iterations());
}

void route(benchmark::State& state, std::vector<std::string> frames,
           const std::vector<std::string>& urls) {
  Router router({});
  router.add_input(std::make_unique<MemoryInput>(std::move(frames)));
  for (const std::string& url : urls) {
    Output::Options options;
    options.on_full = OnFull::kWait;  // all is written, as fast as that goes
    router.add_output(
        std::make_unique<Output>(std::make_unique<JsonLinesEncoder>(), *make_sender(url), options));
  }
  if (!router.start().ok()) state.SkipWithError("no thread");
  for (auto _ : state) router.step(std::chrono::milliseconds(0));
  state.SetItemsProcessed(static_cast<std::int64_t>(router.message_count()));
}

/// Writes to a file in METLOG_BENCH_DIR, else in the directory for temporary files, and removes it.
void route_to_file(benchmark::State& state, std::vector<std::string> frames) {
  const char* directory = std::getenv("METLOG_BENCH_DIR");
  const std::filesystem::path path =
      (directory != nullptr ? std::filesystem::path(directory)
                            : std::filesystem::temp_directory_path()) /
      ("router_bench." + std::to_string(getpid()));
  route(state, std::move(frames), {"file://" + path.string()});
  std::filesystem::remove(path);
}

void decoder_of_own(benchmark::State& state) { decode(state, Form::kOwn); }
void decoder_of_many_sites(benchmark::State& state) { decode(state, Form::kManySites); }
void decoder_of_new_shapes(benchmark::State& state) { decode(state, Form::kNewShapes); }
void decoder_of_foreign(benchmark::State& state) { decode(state, Form::kForeign); }
void decoder_of_parsed(benchmark::State& state) { decode(state, Form::kParsed); }
void field_of_own(benchmark::State& state) { read_field(state, Form::kOwn); }
void field_of_foreign(benchmark::State& state) { read_field(state, Form::kForeign); }
void field_of_parsed(benchmark::State& state) { read_field(state, Form::kParsed); }
void plain_to_null(benchmark::State& state) { route(state, plain_frames(Form::kOwn), {"null:"}); }
void batched_to_null(benchmark::State& state) {
  route(state, batched_frames(Form::kOwn), {"null:"});
}
void batched_to_two_nulls(benchmark::State& state) {
  route(state, batched_frames(Form::kOwn), {"null:", "null:"});
}
void batched_parsed_to_null(benchmark::State& state) {
  route(state, batched_frames(Form::kParsed), {"null:"});
}
void plain_to_file(benchmark::State& state) { route_to_file(state, plain_frames(Form::kOwn)); }
void batched_to_file(benchmark::State& state) { route_to_file(state, batched_frames(Form::kOwn)); }
void batched_foreign_to_file(benchmark::State& state) {
  route_to_file(state, batched_frames(Form::kForeign));
}

BENCHMARK(decoder_of_own);
BENCHMARK(decoder_of_many_sites);
BENCHMARK(decoder_of_new_shapes);
BENCHMARK(decoder_of_foreign);
BENCHMARK(decoder_of_parsed);
BENCHMARK(field_of_own);
BENCHMARK(field_of_foreign);
BENCHMARK(field_of_parsed);
BENCHMARK(plain_to_null)->UseRealTime();
BENCHMARK(batched_to_null)->UseRealTime();
BENCHMARK(batched_to_two_nulls)->UseRealTime();
BENCHMARK(batched_parsed_to_null)->UseRealTime();
BENCHMARK(plain_to_file)->UseRealTime();
BENCHMARK(batched_to_file)->UseRealTime();
BENCHMARK(batched_foreign_to_file)->UseRealTime();

}  // namespace
}  // namespace metlog
