#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "metlog/sender.h"

namespace metlog {

inline void add_message(Batch& batch, std::string_view message) {
  char* const at = batch.reserve(message.size());
  std::memcpy(at, message.data(), message.size());
  batch.commit(at + message.size(), Batch::Origin::kUser);
}

inline Batch batch_of(const std::vector<std::string>& messages) {
  Batch batch(1024);
  for (const std::string& message : messages) add_message(batch, message);
  return batch;
}

/// `count` messages of `size` bytes, which begin with their numbers.
inline std::vector<std::string> numbered_messages(std::size_t count, std::size_t size) {
  std::vector<std::string> messages;
  for (std::size_t i = 0; i < count; ++i) {
    std::string message = std::to_string(i) + ":";
    message.resize(size, static_cast<char>('a' + i % 26));
    messages.push_back(message);
  }
  return messages;
}

/// As the lane does, but `meanwhile` instead of its naps; ends when the sender is not busy.
template <typename Meanwhile>
SendResult send_until_settled(Sender& sender, Batch& batch, Meanwhile meanwhile) {
  SendResult result = SendResult::kBusy;
  while ((result = sender.send(batch)) == SendResult::kBusy) meanwhile();
  return result;
}

inline SendResult send_until_settled(Sender& sender, Batch& batch) {
  return send_until_settled(sender, batch, [] { std::this_thread::yield(); });
}

/// The identity that every test which moves messages ends with.
inline void expect_all_accounted_for(const Batch& batch) {
  EXPECT_TRUE(batch.is_done());
  EXPECT_EQ(batch.user_count(), batch.sent_count() + batch.lost().total());
}

}  // namespace metlog
