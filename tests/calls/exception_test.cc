// The text of exceptions in calls: tests/golden/exc_info.json translated to C++, and what C++
// has beside it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <functional>
#include <map>
#include <stdexcept>
#include <string>

#include "metlog/exception_text.h"
#include "metlog/percent.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

// The ValueError and E2 of the golden cases; in no namespace, so that the names are unqualified.
struct ValueError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct E2 : std::exception {
  [[nodiscard]] const char* what() const noexcept override { return ""; }
};

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

template <class Error>
std::exception_ptr caught(const Error& error) {
  return std::make_exception_ptr(error);
}

template <class Error, class Act>
void in_handler(const Error& error, Act act) {
  try {
    throw error;
  } catch (...) {
    act();
  }
}

/// A golden payload as C++ can say it: where the exception was thrown is not known.
std::string cpp_reading(std::string payload) {
  for (const std::string_view line :
       {"Traceback (most recent call last):\n", "  File \"demo.py\", line 4, in outer\n",
        "  File \"demo.py\", line 2, in inner\n"}) {
    const std::size_t at = payload.find(line);
    if (at != std::string::npos) payload.erase(at, line.size());
  }
  return payload;
}

/// The C++ code of each golden case, by name.
const std::map<std::string, std::function<void(Client&)>, std::less<>>& golden_calls() {
  static const std::map<std::string, std::function<void(Client&)>, std::less<>> kCalls = {
      {"error_tuple",
       [](Client& c) { c.error("traceback ahead -->", caught(ValueError("bad value 7"))); }},
      {"error_tuple_with_args",
       [](Client& c) {
         const auto error = caught(ValueError("bad value 7"));
         EXPECT_TRUE(c.error(percent("traceback %s", "here"), error).ok());
       }},
      {"empty_message", [](Client& c) { c.error("", ValueError("bad value 7")); }},
      {"exception_auto",
       [](Client& c) { in_handler(ValueError("bad value 7"), [&] { c.exception("auto"); }); }},
      {"exc_info_falsy", [](Client& c) { c.error("no trace", kNoTrace); }},
      {"no_exc_info_in_handler",
       [](Client& c) {
         in_handler(E2(), [&] { c.error("plain error in except: no trace by itself"); });
       }},
      {"exception_without_text",
       [](Client& c) { in_handler(E2(), [&] { c.exception("custom without text"); }); }},
      {"tuple_none", [](Client& c) { c.error("n", nullptr); }},
  };
  return kCalls;
}

TEST(Exception, IsToldAsTheReferenceDid) {
  simdjson::dom::parser parser;
  const simdjson::dom::element golden = parser.load(METLOG_GOLDEN_DIR "/exc_info.json");
  std::size_t count = 0;
  for (const simdjson::dom::element entry : golden["cases"]) {
    const std::string name(entry["name"].get_string().value());
    SCOPED_TRACE(name);
    const auto call = golden_calls().find(name);
    ASSERT_NE(call, golden_calls().end());
    TestEngine test;
    call->second(test.log());
    const std::vector<std::string> messages = test.settle();
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(payload_of(messages[0]),
              cpp_reading(std::string(entry["payload"].get_string().value())));
    EXPECT_THAT(messages[0], HasSubstr("\"severity\":" + simdjson::to_string(entry["severity"])));
    ++count;
  }
  EXPECT_EQ(count, golden_calls().size());
}

TEST(Exception, FollowsOnANewlineAndEndsInNone) {
  TestEngine test;
  test.log().error("boom\n", std::runtime_error("what\n\n"));
  in_handler(std::runtime_error("what\n"), [&] {
    METLOG_EXCEPTION(test.log(), "literal\n");
    METLOG_EXCEPTION(test.log(), "literal {}", 7);
  });
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("oldstyle", 3, R"("boom\nstd::runtime_error: what")"),
                          envelope("oldstyle", 1, R"("literal\nstd::runtime_error: what")"),
                          envelope("oldstyle", 1, R"("literal 7\nstd::runtime_error: what")")));
}

TEST(Exception, MayBeLeftOutOrKept) {
  TestEngine test;
  std::exception_ptr stored;
  in_handler(std::out_of_range("too far"), [&] {
    test.log().exception("boom", kNoTrace);
    stored = std::current_exception();
  });
  test.log().exception("boom", stored);
  test.log().debug("boom", std::current_exception());
  METLOG_ERROR(test.log(), "boom {}\n{}", 7, exception_text(stored));
  EXPECT_THAT(test.settle(),
              ElementsAre(envelope("oldstyle", 1, R"("boom")"),
                          envelope("oldstyle", 1, R"("boom\nstd::out_of_range: too far")"),
                          envelope("oldstyle", 7, R"("boom\nNone")"),
                          envelope("oldstyle", 3, R"("boom 7\nstd::out_of_range: too far")")));
}

TEST(Exception, IsNotLookedAtWhenTheCallIsBlocked) {
  struct UnreportedLosses : std::exception {
    [[nodiscard]] const char* what() const noexcept override {
      ADD_FAILURE() << "nobody hears it";
      return "";
    }
  };
  TestEngine test;
  test.client().set_min_severity(Severity::kEmergency);
  test.client().error("boom", UnreportedLosses());
  in_handler(UnreportedLosses(), [&] {
    test.client().exception("boom");
    METLOG_EXCEPTION(test.client(), "boom");
  });
  EXPECT_TRUE(test.settle().empty());
}

void throw_nested(int depth) {
  try {
    if (depth > 0) throw_nested(depth - 1);
  } catch (...) {
    std::throw_with_nested(std::runtime_error("level " + std::to_string(depth)));
  }
  if (depth == 0) throw ValueError("the first");
}

std::string nested_text(int depth) {
  try {
    throw_nested(depth);
  } catch (const std::exception& error) {
    const std::string by_pointer = exception_text();
    EXPECT_EQ(exception_text(error), by_pointer);
    return by_pointer;
  }
  return {};
}

TEST(Exception, TellsItsCausesALineEach) {
  EXPECT_EQ(nested_text(2),
            "std::runtime_error: level 2\n"
            "caused by std::runtime_error: level 1\n"
            "caused by ValueError: the first");
}

TEST(Exception, TellsSixteenCausesAtMost) {
  const std::string text = nested_text(40);
  EXPECT_THAT(text, StartsWith("std::runtime_error: level 40\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 17);
  EXPECT_TRUE(text.ends_with("level 24\ncaused by more")) << text;
}

struct Code {};
struct NestedCode : Code, std::nested_exception {};

TEST(Exception, MayBeOfAnyType) {
  EXPECT_EQ(exception_text(caught(5)), "int");
  EXPECT_EQ(exception_text(nullptr), "None");
  EXPECT_EQ(exception_text(kNoTrace), "");
  in_handler(ValueError("the cause"), [&] {
    try {
      throw NestedCode();
    } catch (...) {
      EXPECT_THAT(exception_text(), HasSubstr("NestedCode\ncaused by ValueError: the cause"));
    }
  });
}

TEST(Exception, ComesWithTheCatchersStackWhenAskedFor) {
  in_handler(ValueError("bad"), [&] {
    const std::string text = exception_text(with_frames());
    EXPECT_THAT(text, StartsWith("Caught at (most recent call last):\n  "));
    EXPECT_THAT(text, HasSubstr("\n  "));
    EXPECT_TRUE(text.ends_with("]\nValueError: bad")) << text;
  });
}

}  // namespace
}  // namespace metlog
