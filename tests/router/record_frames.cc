// Records golden frames of the wire version that this tree writes:
//
//   ninja -C build record_frames && build/bin/record_frames tests/golden/wire/v2-client.json
//
// Do this once, when a version is new, look through the file, and commit it. The files of earlier
// versions stay as they are: what they hold was sent, and must be readable for ever. A file that is
// there is not written again.

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "metlog/context.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/timed.h"
#include "tests/router/batched.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using Lines = std::vector<std::string>;

Lines messages_of_every_call() {
  TestEngine test;
  METLOG_INFO(test.log(), "order {} for {}", 4711, "anna");
  METLOG_ERROR(test.log(), "three lines\nof \"text\"\twith a \\ and \x01");
  METLOG_DEBUG(test.log(), "not ASCII: \u00e9 \u20ac \U0001f600; not UTF-8: \xff");
  METLOG_INCR(test.log(), "orders", 3);
  METLOG_INCR(test.log(), "share", 1, kv("queue", "in"));
  METLOG_EVENT(test.log(), "services", kv("userid", 25));
  test.log().incr("sampled", 2, {.fields = {{"rate_is", "below"}}});
  test.log().timer_send("db.query", 0.004213);
  test.log().metlog("text", {.logger = "", .severity = 0}, "payload");
  test.log().metlog("list", {.severity = 99}, ValueList{1, 2.5, true, nullptr, "x"});
  test.log().metlog("map", {.severity = -1}, ValueMap{{"a", ValueMap{{"b", ValueList{}}}}});
  test.log().metlog("null", {}, nullptr);
  return test.settle();
}

Lines messages_with_every_field() {
  TestEngine test;
  METLOG_INFO(test.log(), "integers", kv("min", std::numeric_limits<std::int64_t>::min()),
              kv("max", std::numeric_limits<std::uint64_t>::max()), kv("zero", 0));
  METLOG_INFO(test.log(), "reals", kv("whole", 1.0), kv("tenth", 0.1), kv("large", 1e300),
              kv("least", std::numeric_limits<double>::denorm_min()), kv("minus", -0.0),
              kv("nan", std::numeric_limits<double>::quiet_NaN()),
              kv("infinity", std::numeric_limits<double>::infinity()));
  METLOG_INFO(test.log(), "words", kv("true", true), kv("false", false), kv("letter", 'x'),
              kv("text", "a \"b\""), kv("empty", ""), kv("none", std::optional<int>()));
  METLOG_INFO(test.log(), "composites", kv("list", std::vector<int>{1, 2, 3}),
              kv("map", std::map<std::string, int>{{"a", 1}}), kv("empty", std::vector<int>()),
              kv("duration", std::chrono::milliseconds(5)));
  METLOG_INFO(test.log(), "keys", kv("", 1), kv("with space", 2), kv("a.b", 3), kv("quote\"", 4),
              kv("payload", 5), kv("\u00e9", 6));
  {
    const ScopedContext context({{"request", "r-1"}});
    METLOG_WARN(test.log(), "with context", kv("own", 1));
  }
  return test.settle();
}

Lines messages_with_ids() {
  TestEngine test;
  const auto capture = std::make_shared<Capture>();
  Client log =
      test.engine()
          .open(std::make_unique<CaptureSender>(capture), {.logger = "tests", .message_ids = true})
          .value();
  METLOG_INFO(log, "first");
  METLOG_INFO(log, "second");
  step_until_quiet(test.engine());
  return capture->messages();
}

std::string hex_of(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    text += digits;
  }
  return text;
}

/// Writes cases as JSON, one a line.
class CaseWriter {
 public:
  void add_plain(const std::string& name, const std::string& line) {
    begin(name) << ",\"text\":\"" << json_text(line) << "\",\"messages\":[" << line << "]}";
  }
  void add_batched(const std::string& name, const Lines& lines, const BatchedParts& parts) {
    begin(name) << ",\"hex\":\"" << hex_of(batched(lines, parts)) << "\",\"session\":\""
                << hex_of(std::string(16, static_cast<char>(parts.session)))
                << "\",\"stream\":" << parts.stream << ",\"sequence\":" << parts.sequence
                << ",\"messages\":[";
    const char* comma = "\n  ";
    for (const std::string& line : lines) text_ << std::exchange(comma, ",\n  ") << line;
    text_ << "]}";
  }
  [[nodiscard]] std::string text() const {
    return "{\"produced_by\":\"tests/router/record_frames.cc: the client of this tree\",\n"
           "\"cases\":[" +
           text_.str() + "]}\n";
  }

 private:
  std::ostream& begin(const std::string& name) {
    text_ << (text_.tellp() == 0 ? "\n" : ",\n") << "{\"name\":\"" << name << "\"";
    return text_;
  }

  std::ostringstream text_;
};

std::string cases() {
  CaseWriter writer;
  const Lines calls = messages_of_every_call();
  const Lines fields = messages_with_every_field();
  const Lines ids = messages_with_ids();
  int number = 0;
  for (const Lines& lines : {calls, fields, ids}) {
    for (const std::string& line : lines)
      writer.add_plain("plain " + std::to_string(++number), line);
  }
  writer.add_batched("batched, one message", {calls.front()}, {.session = 0x11});
  writer.add_batched("batched, every call", calls, {.session = 0x22, .stream = 3, .sequence = 40});
  writer.add_batched(
      "batched, every field, padded", fields,
      {.session = 0x33, .stream = 0xffffffff, .sequence = 1ULL << 40, .padding = 37});
  writer.add_batched("batched, ids", ids, {.session = 0x44, .stream = 1});
  return writer.text();
}

}  // namespace
}  // namespace metlog

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: record_frames FILE\n";
    return 2;
  }
  if (std::ifstream(argv[1]).good()) {
    std::cerr << argv[1] << " is there; golden frames are never recorded again\n";
    return 2;
  }
  std::ofstream(argv[1]) << metlog::cases();
  return 0;
}
