#include "metlog/internal/base/copy_bytes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace metlog {
namespace {

TEST(CopyBytes, CopiesEverySizeAndNothingBeside) {
  for (std::size_t size = 0; size <= 300; ++size) {
    // Exactly this size, so that a sanitizer finds a read past the end.
    std::vector<char> from(size);
    for (std::size_t i = 0; i < size; ++i) from[i] = static_cast<char>('a' + i % 26);
    std::string to(size + 2, '-');
    copy_bytes(reinterpret_cast<unsigned char*>(to.data() + 1), from.data(), size);
    EXPECT_EQ(to, '-' + std::string(from.begin(), from.end()) + '-') << size;
  }
}

TEST(CopyBytes, TakesNoSourceWhereNothingIsCopied) {
  unsigned char untouched = 'u';
  copy_bytes(&untouched, nullptr, 0);
  EXPECT_EQ(untouched, 'u');
}

}  // namespace
}  // namespace metlog
