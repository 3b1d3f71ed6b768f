#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/test_engine.h"

namespace metlog {

/// The fields of a captured envelope, as its JSON text has them.
inline std::string fields_text(std::string_view message) {
  const std::size_t begin = message.find("\"fields\":") + 9;
  return std::string(message.substr(begin, message.size() - begin - 1));
}

/// Returns the fields of all messages so far.
inline std::vector<std::string> settled_fields(TestEngine& test) {
  std::vector<std::string> all;
  for (const std::string& message : test.settle()) all.push_back(fields_text(message));
  return all;
}

using Fields = std::vector<std::string>;

}  // namespace metlog
