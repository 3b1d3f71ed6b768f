#include "tools/router/decode/message_block.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "tests/router/envelope.h"
#include "tools/router/decode/decoder.h"

namespace metlog {
namespace {

class MessageBlockTest : public testing::Test {
 protected:
  bool put(std::string_view text) {
    return !decoder_.decode(block_->put({text, text.size()}), block_->next(), block_->memory());
  }

  Decoder decoder_{DecoderLimits()};
  std::shared_ptr<BlockPool> pool_ = BlockPool::make();
  std::shared_ptr<MessageBlock> block_ = pool_->take(0);
};

TEST_F(MessageBlockTest, KeepsWhatItWasGiven) {
  for (int i = 0; i < 500; ++i) {
    std::string text = envelope({{"payload", std::to_string(i)}});
    ASSERT_TRUE(block_->has_room(text.size()));
    ASSERT_TRUE(put(text));
    block_->commit(1U << i % 3);
    text.assign(text.size(), 'x');
  }
  const MessageBlock& block = *block_;
  ASSERT_EQ(block.count(), 500U);
  for (std::uint32_t i = 0; i < block.count(); ++i) {
    EXPECT_EQ(block[i].message.payload().number, i);
    EXPECT_EQ(block[i].message.logger, "app");
    EXPECT_EQ(block[i].outputs, 1U << i % 3);
  }
}

TEST_F(MessageBlockTest, GivesTheRoomOfWhatIsDroppedToTheNext) {
  ASSERT_TRUE(put(envelope()));
  block_->commit(1);
  const std::size_t bytes = block_->bytes();
  for (int i = 0; i < 10'000; ++i) {
    const std::string key = "\"k" + std::to_string(i) + "\":1";
    ASSERT_TRUE(put(envelope({{"fields", "{" + key + "," + key + "}"}})));
    block_->drop();
    EXPECT_FALSE(put("{"));
    block_->drop();
  }
  EXPECT_TRUE(block_->has_room(100'000));
  EXPECT_EQ(block_->bytes(), bytes);
  ASSERT_TRUE(put(envelope({{"payload", "7"}})));
  block_->commit(1);
  EXPECT_EQ(block_->count(), 2U);
  EXPECT_EQ((*block_)[0].message.raw, envelope());
  EXPECT_EQ((*block_)[1].message.payload().number, 7);
}

TEST_F(MessageBlockTest, HasRoomForManyShortMessagesOrFewLongOnes) {
  const std::string text = envelope();
  std::size_t count = 0;
  for (; block_->has_room(text.size()); ++count) {
    ASSERT_TRUE(put(text));
    block_->commit(1);
  }
  EXPECT_EQ(count, std::min(MessageBlock::kMaxMessages, MessageBlock::kTextBytes / text.size()));
  block_ = pool_->take(MessageBlock::kTextBytes + 1);
  EXPECT_TRUE(block_->has_room(MessageBlock::kTextBytes + 1));
  EXPECT_FALSE(block_->has_room(MessageBlock::kTextBytes + 2));
}

TEST_F(MessageBlockTest, IsUsedAgainWhenNobodyHoldsIt) {
  ASSERT_TRUE(put(envelope()));
  block_->commit(1);
  BlockSlice slice{block_, 0, 1};
  const MessageBlock* const first = block_.get();
  block_ = pool_->take(0);
  EXPECT_NE(block_.get(), first);
  EXPECT_EQ((*slice.block)[0].message.raw, envelope());
  slice.block.reset();
  const std::shared_ptr<MessageBlock> again = pool_->take(0);
  EXPECT_EQ(again.get(), first);
  EXPECT_EQ(again->count(), 0U);
}

TEST_F(MessageBlockTest, OutlivesItsPool) {
  ASSERT_TRUE(put(envelope()));
  block_->commit(1);
  pool_.reset();
  EXPECT_EQ((*block_)[0].message.raw, envelope());
  block_.reset();
}

}  // namespace
}  // namespace metlog
