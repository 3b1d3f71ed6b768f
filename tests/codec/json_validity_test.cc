// A second, strict reader accepts what the engine writes as JSON: that of python3.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

/// Reads one message per line from stdin and writes it with sorted keys and in ASCII. Checks UTF-8
/// and refuses NaN and duplicate keys.
constexpr const char* kPython = R"(
import json, sys
def unique(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), keys
    return dict(pairs)
def refuse(constant):
    raise ValueError(constant)
for line in sys.stdin.buffer:
    message = json.loads(line.decode('utf-8', 'strict'), object_pairs_hook=unique,
                         parse_constant=refuse)
    assert len(message) == 9, message
    print(json.dumps(message, sort_keys=True, allow_nan=False))
)";

std::string random_text(std::mt19937_64& random) {
  static const std::vector<std::string> kPieces = {"a",
                                                   "\"",
                                                   "\\",
                                                   "/",
                                                   "\n",
                                                   "\t",
                                                   "\x7f",
                                                   "{",
                                                   "}",
                                                   "%s",
                                                   "\xc3\xa4",
                                                   "\xe2\x82\xac",
                                                   "\xf0\x9f\x98\x80",
                                                   "\xff",
                                                   "\xc3",
                                                   "\xed\xa0\x80",
                                                   "\xe2\x82",
                                                   " ",
                                                   "0",
                                                   "null"};
  std::string text;
  for (std::uint64_t left = random() % 40; left > 0; --left)
    text += kPieces[random() % kPieces.size()];
  for (std::uint64_t left = random() % 4; left > 0; --left) text += static_cast<char>(random());
  return text;
}

double random_real(std::mt19937_64& random) {
  const std::uint64_t bits = random();
  double real = 0;
  std::memcpy(&real, &bits, sizeof real);
  return real;
}

void log_something(Client& log, std::mt19937_64& random) {
  const std::string text = random_text(random);
  const std::string key = random_text(random);
  const double real = random_real(random);
  const auto number = static_cast<std::int64_t>(random());
  switch (random() % 6) {
    case 0:
      return log.info(text);
    case 1:
      METLOG_WARN(log, "{} {} \"{}\" {}", text, real, static_cast<char>(random()),
                  std::vector{text, key}, kv("text", text), kv("real", real));
      return;
    case 2:
      METLOG_EVENT(log, "e", payload(std::map<std::string, double>{{text, real}}),
                   kv("list", std::vector{real, 0.5}), kv("o", std::optional<std::string>(text)));
      return;
    case 3:
      return log.metlog(text, {.logger = key, .fields = {{key, text}, {key + "2", real}}}, number);
    case 4:
      return log.incr(text, number, {.fields = {{key + "k", number}}});
    default:
      METLOG_ERROR(log, "{:>20}|{:x}|{}", text, number,
                   std::map<double, std::pair<std::string, bool>>{{real, {text, true}}});
      return;
  }
}

/// What python makes of the messages, a line each; empty when it refuses one.
std::vector<std::string> through_python(const std::vector<std::string>& messages) {
  const std::string input = testing::TempDir() + "/metlog_json_validity.jsonl";
  const std::string script = input + ".py";
  const auto write = [](const std::string& path, const std::string& text) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wb"),
                                                               &std::fclose);
    std::fwrite(text.data(), 1, text.size(), file.get());
  };
  std::string lines;
  for (const std::string& message : messages) lines += message + '\n';
  write(input, lines);
  write(script, kPython);
  std::FILE* const python = popen(("python3 '" + script + "' < '" + input + "'").c_str(), "r");
  std::vector<std::string> answers;
  char* line = nullptr;
  std::size_t size = 0;
  while (getline(&line, &size, python) > 0) answers.emplace_back(line);
  std::free(line);
  if (pclose(python) != 0) answers.clear();
  std::remove(input.c_str());
  std::remove(script.c_str());
  return answers;
}

TEST(EnvelopeEncoder, WritesWhatPythonsStrictJsonReadsAlike) {
  if (std::system("python3 -c '' 2>/dev/null") != 0) GTEST_SKIP() << "there is no python3 here";
  TestEngine test;
  std::mt19937_64 random(20130118);
  for (int i = 0; i < 2'000; ++i) {
    log_something(test.log(), random);
    if (i % 100 == 99) test.settle();
  }
  const std::vector<std::string> messages = test.settle();
  ASSERT_EQ(messages.size(), 2'000U);
  const std::vector<std::string> answers = through_python(messages);
  ASSERT_EQ(answers.size(), messages.size()) << "python refused one";
  for (std::size_t i = 0; i < messages.size(); ++i) {
    ASSERT_TRUE(is_same_json(messages[i], answers[i])) << messages[i] << '\n' << answers[i];
  }
}

}  // namespace
}  // namespace metlog
