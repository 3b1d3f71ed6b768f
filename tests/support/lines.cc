#include "tests/support/lines.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace metlog {

void expect_is_line(std::string_view line) {
  const std::string text(line);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  ASSERT_TRUE(std::none_of(line.begin(), line.end(), is_control)) << text;
  std::string shape = text.substr(0, 29);
  for (char& c : shape) c = c >= '0' && c <= '9' ? '9' : c;
  ASSERT_EQ(shape.substr(0, 28), "9999-99-99T99:99:99.999999Z ") << text;
  ASSERT_NE(shape.substr(28), " ") << text;
}

bool is_loss_line(std::string_view line) {
  return line.find(": metlog.loss lost ") != std::string_view::npos;
}

bool is_clock_line(std::string_view line) {
  return line.find(": metlog.clock the clock was set ") != std::string_view::npos;
}

std::uint64_t loss_line_count(std::string_view line) {
  constexpr std::string_view kKey = " count=";
  const std::size_t at = line.find(kKey);
  if (at == std::string_view::npos) {
    ADD_FAILURE() << "no count in " << std::string(line);
    return 0;
  }
  return std::stoull(std::string(line.substr(at + kKey.size())));
}

}  // namespace metlog
