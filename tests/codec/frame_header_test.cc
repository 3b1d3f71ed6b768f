#include "metlog/internal/codec/frame_header.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "metlog/internal/base/crc32c.h"

namespace metlog {
namespace {

const std::string kLines = "{\"a\":1}\n{\"a\":2}\n";

std::string make_frame(const FrameHeader& header, std::size_t padding) {
  std::string frame(FrameHeader::kBytes, '\0');
  FrameHeader whole = header;
  whole.body_bytes = static_cast<std::uint32_t>(kLines.size() + padding);
  whole.write(reinterpret_cast<unsigned char*>(frame.data()), kLines, padding);
  return frame.append(kLines).append(padding, ' ');
}

FrameHeader some_header() {
  FrameHeader header;
  for (std::size_t i = 0; i < header.session.size(); ++i) {
    header.session[i] = static_cast<std::uint8_t>(i * 17);
  }
  header.stream = 7;
  header.count = 2;
  header.sequence = std::uint64_t{1} << 40;
  return header;
}

TEST(Crc32c, IsTheOneOfRfc3720) {
  const std::string digits = "123456789";
  const auto* const bytes = reinterpret_cast<const unsigned char*>(digits.data());
  EXPECT_EQ(crc32c(bytes, digits.size()), 0xe3069283u);
  const unsigned char zeros[32] = {};
  EXPECT_EQ(crc32c(zeros, sizeof zeros), 0x8a9136aau);
}

std::uint32_t crc32c_bit_by_bit(const unsigned char* bytes, std::size_t size) {
  std::uint32_t state = kCrc32cStart;
  for (std::size_t i = 0; i < size; ++i) {
    state ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) state = state >> 1 ^ (0x82f63b78u & (0u - (state & 1)));
  }
  return crc32c_end(state);
}

// As a program that only knows docs/wire.md would compute it.
TEST(FrameHeader, HasTheChecksumOfAllBytesBeforeItAndOfTheBody) {
  for (const std::size_t padding : {std::size_t{0}, std::size_t{5}}) {
    const std::string frame = make_frame(some_header(), padding);
    std::string covered = frame;
    covered.erase(44, 4);
    std::uint32_t checksum = 0;
    std::memcpy(&checksum, frame.data() + 44, sizeof checksum);
    EXPECT_EQ(checksum, crc32c_bit_by_bit(reinterpret_cast<const unsigned char*>(covered.data()),
                                          covered.size()));
  }
}

TEST(Crc32c, IsTheSameForEveryLengthAndInPieces) {
  std::mt19937 random(4711);
  std::vector<unsigned char> bytes(5000);
  for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(random());
  for (std::size_t size = 0; size < bytes.size(); size += size < 100 ? 1 : 13) {
    const std::uint32_t expected = crc32c_bit_by_bit(bytes.data(), size);
    ASSERT_EQ(crc32c(bytes.data(), size), expected) << size;
    const std::size_t cut = size == 0 ? 0 : random() % size;
    const std::uint32_t state = crc32c_continue(kCrc32cStart, bytes.data(), cut);
    ASSERT_EQ(crc32c_end(crc32c_continue(state, bytes.data() + cut, size - cut)), expected)
        << size << " cut at " << cut;
  }
}

TEST(Crc32c, IsTheSameInPieces) {
  const std::string text = "something that is longer than eight bytes, and not a multiple";
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const std::uint32_t state = crc32c_continue(kCrc32cStart, bytes, cut);
    EXPECT_EQ(crc32c_end(crc32c_continue(state, bytes + cut, text.size() - cut)),
              crc32c(bytes, text.size()));
  }
}

TEST(FrameHeader, IsReadAsItWasWritten) {
  for (const std::size_t padding : {0U, 1U, 63U, 64U, 65U, 1000U}) {
    const std::string frame = make_frame(some_header(), padding);
    FrameError error{};
    const std::optional<ReadFrame> read = read_frame(frame, error);
    ASSERT_TRUE(read.has_value()) << padding;
    EXPECT_EQ(read->header.session, some_header().session);
    EXPECT_EQ(read->header.stream, 7u);
    EXPECT_EQ(read->header.count, 2u);
    EXPECT_EQ(read->header.sequence, std::uint64_t{1} << 40);
    EXPECT_EQ(read->body, kLines + std::string(padding, ' '));
  }
}

TEST(FrameHeader, BeginsLikeNoMessage) {
  EXPECT_TRUE(is_batched_frame(make_frame(some_header(), 0)));
  EXPECT_FALSE(is_batched_frame("{\"a\":1}"));
  EXPECT_FALSE(is_batched_frame(" {}"));
  EXPECT_FALSE(is_batched_frame(""));
}

TEST(FrameHeader, EveryCutAndEveryFlippedBitIsSeen) {
  const std::string frame = make_frame(some_header(), 5);
  FrameError error{};
  for (std::size_t size = 0; size < frame.size(); ++size) {
    EXPECT_FALSE(read_frame(frame.substr(0, size), error).has_value()) << size;
    EXPECT_EQ(error, FrameError::kTruncated);
  }
  EXPECT_FALSE(read_frame(frame + " ", error).has_value());
  EXPECT_EQ(error, FrameError::kTrailing);
  for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
    std::string damaged = frame;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(read_frame(damaged, error).has_value()) << bit;
  }
}

TEST(FrameHeader, AnotherVersionIsNamedAsSuch) {
  std::string frame = make_frame(some_header(), 0);
  frame[4] = 2;
  FrameError error{};
  EXPECT_FALSE(read_frame(frame, error).has_value());
  EXPECT_EQ(error, FrameError::kVersion);
}

}  // namespace
}  // namespace metlog
