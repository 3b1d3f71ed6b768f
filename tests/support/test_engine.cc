#include "tests/support/test_engine.h"

#include <gtest/gtest.h>

#include "metlog/internal/codec/layouts.h"
#include "tests/support/fake_clock.h"
#include "tests/support/lines.h"
#include "tests/support/messages.h"

namespace metlog {

TestEngine::TestEngine(TestEngineOptions options)
    : is_text_(options.client.format.format() == MessageFormat::kText),
      is_other_(has_layout(options.client.format.format()) ||
                options.client.format.options() != FormatOptions()) {
  if (options.clock == nullptr) options.clock = std::make_unique<FakeClock>();
  engine_ = std::make_unique<Engine>(Engine::Parts{
      options.engine, options.threads, std::move(options.clock), nullptr, 4242, "host.example"});
  client_ = engine_->open(std::make_unique<CaptureSender>(capture_), options.client).value();
}

TestEngine::~TestEngine() {
  if (!finished_) finish();
}

void step_until_quiet(Engine& engine) {
  for (int quiet = 0; quiet < 3;) quiet = engine.step() ? 0 : quiet + 1;
}

std::vector<std::string> TestEngine::settle() {
  step_until_quiet(*engine_);
  return capture_->messages();
}

void TestEngine::finish() {
  finished_ = true;
  constexpr std::chrono::seconds kLimit{60};
  ASSERT_TRUE(client_->flush(kLimit));
  const Ledger quiet = client_->stats();
  ASSERT_EQ(quiet.pending, 0U);
  ASSERT_EQ(quiet.emitted, calls());
  ASSERT_EQ(quiet.unexplained(), 0) << quiet.sent << " sent, " << quiet.lost.total() << " lost";

  const Receipt receipt = client_->close(kLimit);
  ASSERT_EQ(receipt.sent + receipt.lost + quiet.filtered, calls());
  ASSERT_EQ(receipt.lost, quiet.lost.total());
  if (is_other_) {
    ASSERT_EQ(capture_->messages().size(), receipt.sent + client_->stats().marks);
    return;
  }
  const std::vector<std::string> messages = capture_->messages();
  std::uint64_t reported = 0;
  std::uint64_t marks = 0;
  for (const std::string& message : messages) {
    if (is_text_) {
      ASSERT_NO_FATAL_FAILURE(expect_is_line(message));
      if (is_loss_line(message)) reported += loss_line_count(message);
      if (is_loss_line(message) || is_clock_line(message)) ++marks;
    } else {
      ASSERT_NO_FATAL_FAILURE(expect_is_envelope(message));
      if (is_loss(message)) reported += loss_count(message);
      if (is_loss(message) || is_clock(message) || is_stats(message)) ++marks;
    }
  }
  ASSERT_EQ(messages.size() - marks, receipt.sent);
  ASSERT_EQ(reported, receipt.lost) << "the stream reports every loss";
  ASSERT_EQ(client_->stats().marks, marks);
}

std::string envelope(std::string_view type, int severity, std::string_view payload,
                     std::string_view fields) {
  std::string text = "{\"type\":\"";
  text.append(type).append("\",\"logger\":\"tests\",\"severity\":");
  text.append(std::to_string(severity)).append(",\"env_version\":\"0.8\",\"metlog_pid\":4242,");
  text.append("\"metlog_hostname\":\"host.example\",\"timestamp\":\"").append(kGoldenTime);
  text.append("\",\"payload\":").append(payload).append(",\"fields\":{").append(fields);
  return text.append("}}");
}

}  // namespace metlog
