#pragma once

#include <gmock/gmock.h>

#include <string>

#include "tests/support/test_engine.h"

namespace metlog {

/// The forms of a value in JSON: inside of the payload's string (escaped), and as a field.
struct Written {
  std::string text;
  std::string field;
};

inline Written as_number(const std::string& number) { return {number, number}; }
inline Written as_word(const std::string& word) { return {word, '"' + word + '"'}; }

/// Expects these forms of a value that is an argument, and a field.
template <class T>
void expect_written(const T& value, const Written& written) {
  TestEngine test;
  METLOG_INFO(test.log(), "<{}>", value);
  METLOG_INFO(test.log(), "", kv("v", value));
  EXPECT_THAT(test.settle(),
              testing::ElementsAre(envelope("oldstyle", 6, "\"<" + written.text + ">\""),
                                   envelope("oldstyle", 6, "\"\"", "\"v\":" + written.field)));
}

}  // namespace metlog
