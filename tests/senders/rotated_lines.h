#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/senders/temp_dir.h"

namespace metlog {

/// The lines of NAME and its rotated files, from the oldest on.
inline std::vector<std::string> rotated_lines(const std::string& path, int keep) {
  std::vector<std::string> lines;
  for (int number = keep; number >= 0; --number) {
    const std::string text = content_of(number == 0 ? path : path + "." + std::to_string(number));
    EXPECT_TRUE(text.empty() || text.back() == '\n') << path << number;
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
      lines.push_back(text.substr(begin, end - begin));
  }
  return lines;
}

}  // namespace metlog
