#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "metlog/internal/codec/frame_header.h"

namespace metlog {

inline constexpr std::size_t kThreads = 8;

/// What a receiver has got of calls whose text is `THREAD NUMBER`, each thread's numbers from 0 on.
class NumberedCalls {
 public:
  /// Takes a frame or a datagram: a message, or a batched frame of them.
  void take_frame(std::string_view frame) {
    if (!is_batched_frame(frame)) return take_message(frame);
    take_lines(frame.substr(FrameHeader::kBytes));
  }
  void take_lines(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      take_message(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  /// Takes a message in JSON.
  void take_message(std::string_view message) {
    ++messages_;
    constexpr std::string_view kPayload = "\"payload\":\"";
    constexpr std::string_view kCount = "\"count\":";
    if (message.find("\"metlog.loss\"") != std::string_view::npos) {
      const std::size_t count = message.find(kCount);
      if (count != std::string_view::npos) told_ += number_at(message, count + kCount.size());
      return;
    }
    const std::size_t at = message.find(kPayload);
    const std::size_t space = message.find(' ', at);
    if (at == std::string_view::npos || space == std::string_view::npos) return note_damage();
    const std::uint64_t thread = number_at(message, at + kPayload.size());
    if (thread >= kThreads) return note_damage();
    const std::uint64_t number = number_at(message, space + 1);
    std::uint64_t& next = next_[thread];
    if (number < next) ++out_of_order_;
    if (number > next) missing_ += number - next;
    next = number + 1;
    ++calls_;
  }

  /// Adds what a later receiver has got.
  NumberedCalls& operator+=(const NumberedCalls& later) {
    for (std::size_t thread = 0; thread < kThreads; ++thread) {
      next_[thread] = std::max(next_[thread], later.next_[thread]);
    }
    messages_ += later.messages_;
    calls_ += later.calls_;
    told_ += later.told_;
    out_of_order_ += later.out_of_order_;
    damaged_ += later.damaged_;
    missing_ += later.missing_;
    return *this;
  }

  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  /// Calls, and the engine's own messages.
  [[nodiscard]] std::uint64_t messages() const { return messages_; }
  /// Losses that metlog.loss messages tell.
  [[nodiscard]] std::uint64_t told() const { return told_; }
  /// Numbers that are not there, before the last one of their thread.
  [[nodiscard]] std::uint64_t missing() const { return missing_; }
  /// Calls that came after a later one of their thread, or twice.
  [[nodiscard]] std::uint64_t out_of_order() const { return out_of_order_; }
  [[nodiscard]] std::uint64_t damaged() const { return damaged_; }
  /// The number after the last one of a thread.
  [[nodiscard]] std::uint64_t next(std::size_t thread) const { return next_.at(thread); }

 private:
  static std::uint64_t number_at(std::string_view text, std::size_t at) {
    std::uint64_t number = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      number = number * 10 + static_cast<std::uint64_t>(text[at] - '0');
    }
    return number;
  }
  void note_damage() { ++damaged_; }

  std::array<std::uint64_t, kThreads> next_{};
  std::uint64_t messages_ = 0;
  std::uint64_t calls_ = 0;
  std::uint64_t told_ = 0;
  std::uint64_t missing_ = 0;
  std::uint64_t out_of_order_ = 0;
  std::uint64_t damaged_ = 0;
};

/// True when the long form of a test is asked for: METLOG_LONG_TEST in the environment.
inline bool is_long_test() { return std::getenv("METLOG_LONG_TEST") != nullptr; }

}  // namespace metlog
